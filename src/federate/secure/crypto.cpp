#include "federate/secure/crypto.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include <sodium.h>

namespace marvel::federate::secure {
namespace {

static_assert(std::endian::native == std::endian::little, "masks are read as they lie in memory");

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Status prepare() {
  if (sodium_init() < 0) {
    return fail(Errc::kUnsupported, "libsodium finds no source of randomness on this system",
                "secure aggregation needs one, such as /dev/urandom");
  }
  return {};
}

KeyPair new_key_pair() {
  KeyPair pair;
  pair.secret = random_key();
  pair.open = open_key(pair.secret);
  return pair;
}

Key random_key() {
  Key key;
  randombytes_buf(key.data(), key.size());
  return key;
}

std::string random_name() {
  constexpr std::size_t kBytes = 16;
  std::array<unsigned char, kBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string name(2 * kBytes + 1, '\0');
  sodium_bin2hex(name.data(), name.size(), bytes.data(), bytes.size());
  name.pop_back();
  return name;
}

Key open_key(const Key& secret) {
  Key open;
  crypto_scalarmult_base(open.data(), secret.data());
  return open;
}

std::optional<Key> agree(const KeyPair& mine, const Key& other, std::string_view purpose) {
  Key shared;
  if (crypto_scalarmult(shared.data(), mine.secret.data(), other.data()) != 0) {
    return std::nullopt;
  }
  const auto& [first, second] = std::minmax(mine.open, other);
  crypto_generichash_state state;
  crypto_generichash_init(&state, shared.data(), shared.size(), Key().size());
  crypto_generichash_update(&state, first.data(), first.size());
  crypto_generichash_update(&state, second.data(), second.size());
  crypto_generichash_update(&state, bytes_of(purpose), purpose.size());
  Key key;
  crypto_generichash_final(&state, key.data(), key.size());
  wipe(shared);
  return key;
}

std::string seal(const Key& key, std::string_view text, std::string_view about) {
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  static_assert(kSealBytes == kNonce + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  std::vector<unsigned char> sealed(kSealBytes + text.size());
  randombytes_buf(sealed.data(), kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonce, nullptr, bytes_of(text),
                                             text.size(), bytes_of(about), about.size(), nullptr,
                                             sealed.data(), key.data());
  return {sealed.begin(), sealed.end()};
}

std::optional<std::string> unseal(const Key& key, std::string_view sealed, std::string_view about) {
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  if (sealed.size() < kSealBytes) {
    return std::nullopt;
  }
  std::vector<unsigned char> text(sealed.size() - kSealBytes);
  const int wrong = crypto_aead_xchacha20poly1305_ietf_decrypt(
      text.data(), nullptr, nullptr, bytes_of(sealed) + kNonce, sealed.size() - kNonce,
      bytes_of(about), about.size(), bytes_of(sealed), key.data());
  return wrong == 0 ? std::optional(std::string(text.begin(), text.end())) : std::nullopt;
}

void add_mask(const Key& seed, bool subtract, std::span<std::uint64_t> to) {
  constexpr std::size_t kNumbers = 8192;
  constexpr std::size_t kCipherBlock = 64;  // bytes per step of the stream's counter
  constexpr std::array<unsigned char, crypto_stream_chacha20_NONCEBYTES> kNonce{};
  std::vector<std::uint64_t> block(std::min(kNumbers, to.size()));
  std::uint64_t counter = 0;
  while (!to.empty()) {
    const auto part = to.first(std::min(kNumbers, to.size()));
    std::fill(block.begin(), block.end(), 0);
    auto* bytes = reinterpret_cast<unsigned char*>(block.data());
    crypto_stream_chacha20_xor_ic(bytes, bytes, part.size_bytes(), kNonce.data(), counter,
                                  seed.data());
    for (std::size_t i = 0; i < part.size(); ++i) {
      part[i] += subtract ? -block[i] : block[i];
    }
    counter += kNumbers * sizeof(std::uint64_t) / kCipherBlock;
    to = to.subspan(part.size());
  }
  sodium_memzero(block.data(), block.size() * sizeof(std::uint64_t));
}

void wipe(Key& key) {
  sodium_memzero(key.data(), key.size());
}

}  // namespace marvel::federate::secure
