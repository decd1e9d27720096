#pragma once

#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace marvel::federate::secure {

// The cryptography of secure aggregation, by libsodium, which nobody else in this folder sees.
// After prepare() any thread may call any function. Formats are those of docs/formats/fedl.md.

// A secret or an open key, a share of one, or the seed of a mask. Nobody wipes it by itself: who
// holds a secret calls wipe().
using Key = std::array<unsigned char, 32>;

struct KeyPair {  // X25519
  Key secret{};
  Key open{};
};

// Before anything else; kUnsupported when the system has no source of randomness.
Status prepare();

[[nodiscard]] KeyPair new_key_pair();
[[nodiscard]] Key random_key();
[[nodiscard]] std::string random_name();  // 32 hex digits
[[nodiscard]] Key open_key(const Key& secret);

// A key that both sides of a pair compute: BLAKE2b-256, keyed with the X25519 secret, of both open
// keys (the smaller first) and `purpose`. None for an open key that leaves no secret (a point of
// low order), so that nobody can make a pair's key one that everybody knows.
[[nodiscard]] std::optional<Key> agree(const KeyPair& mine, const Key& other,
                                       std::string_view purpose);

// XChaCha20-Poly1305 with a random nonce in front; `about` is authenticated, not sent. The result
// has kSealBytes more than `text`. unseal() gives none for another key, another `about` or changed
// bytes, and does not tell which.
inline constexpr std::size_t kSealBytes = 24 + 16;
[[nodiscard]] std::string seal(const Key& key, std::string_view text, std::string_view about);
[[nodiscard]] std::optional<std::string> unseal(const Key& key, std::string_view sealed,
                                                std::string_view about);

// Adds the ChaCha20 stream of `seed` (nonce 0), read as little-endian numbers, to `to`, or
// subtracts it; modulo 2^64. The same seed and length give the same stream, so what one adds the
// other takes away. A seed masks one sum only. Works in blocks of 64 KiB.
void add_mask(const Key& seed, bool subtract, std::span<std::uint64_t> to);

// Overwrites a secret that is no longer needed, in a way that no compiler leaves out.
void wipe(Key& key);

}  // namespace marvel::federate::secure
