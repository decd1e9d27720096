#include "vpn/noise/handshake.hpp"

#include <algorithm>
#include <utility>

namespace marvel::vpn {
namespace {

constexpr std::string_view kName = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b";
constexpr std::size_t kBlock = 128;  // of BLAKE2b, for HMAC
constexpr std::size_t kTag = 16;
constexpr std::size_t kPoint = 32;

// RFC 2104 with BLAKE2b, which Noise asks for; libsodium's keyed BLAKE2b is another function.
Digest hmac(const Digest& key, Parts parts) {
  Block<kBlock> inner{};
  Block<kBlock> outer{};
  inner.fill(0x36);
  outer.fill(0x5c);
  for (std::size_t at = 0; at < key.size(); ++at) {
    inner[at] ^= key[at];
    outer[at] ^= key[at];
  }
  Digest middle{};
  if (parts.size() == 1) {
    middle = blake2b({inner, *parts.begin()});
  } else {
    middle = blake2b({inner, parts.begin()[0], parts.begin()[1]});
  }
  return blake2b({outer, middle});
}

struct Outputs {
  Digest first{};
  Digest second{};
  Digest third{};
};

// HKDF of section 4.3.
Outputs hkdf(const Digest& chain, Bytes material) {
  constexpr Block<1> kOne{1};
  constexpr Block<1> kTwo{2};
  constexpr Block<1> kThree{3};
  const Digest temporary = hmac(chain, {material});
  Outputs out;
  out.first = hmac(temporary, {kOne});
  out.second = hmac(temporary, {out.first, kTwo});
  out.third = hmac(temporary, {out.second, kThree});
  return out;
}

Secret first_half(const Digest& digest) {
  Secret secret;
  std::copy_n(digest.begin(), secret.bytes.size(), secret.bytes.begin());
  return secret;
}

void append(std::vector<std::uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Handshake::Handshake(Bytes prologue, KeyPairX mine, const PublicKey& responder)
    : mine_(std::move(mine)) {
  std::copy(kName.begin(), kName.end(), hash_.begin());
  chain_ = hash_;
  mix_hash(prologue);
  mix_hash(responder);
}

Handshake Handshake::initiator(Bytes prologue, const KeyPairX& mine, const PublicKey& theirs) {
  Handshake handshake(prologue, mine, theirs);
  handshake.remote_ = theirs;
  return handshake;
}

Handshake Handshake::responder(Bytes prologue, const KeyPairX& mine) {
  return {prologue, mine, mine.point};
}

void Handshake::mix_hash(Bytes data) {
  hash_ = blake2b({hash_, data});
}

void Handshake::mix_key(Bytes material) {
  const Outputs out = hkdf(chain_, material);
  chain_ = out.first;
  key_ = first_half(out.second);
  nonce_ = 0;
}

void Handshake::mix_key_and_hash(Bytes material) {
  const Outputs out = hkdf(chain_, material);
  chain_ = out.first;
  mix_hash(out.second);
  key_ = first_half(out.third);
  nonce_ = 0;
}

bool Handshake::mix_dh(const Secret& secret, const PublicKey& point) {
  Secret shared;
  if (!x25519(secret, point, shared)) {
    return false;
  }
  mix_key(shared.bytes);
  return true;
}

void Handshake::seal(Bytes plain, std::vector<std::uint8_t>& out) {
  const std::size_t begin = out.size();
  out.resize(begin + plain.size() + kTag);
  chacha_seal(key_, nonce_++, hash_, plain, out.data() + begin);
  mix_hash(Bytes(out).subspan(begin));
}

bool Handshake::open(Bytes sealed, MutableBytes plain) {
  if (!chacha_open(key_, nonce_++, hash_, sealed, plain.data())) {
    return false;
  }
  mix_hash(sealed);
  return true;
}

// Token "e" is mixed into the key as well, because a psk is used (section 9.2).
void Handshake::mix_ephemeral(const PublicKey& point) {
  mix_hash(point);
  mix_key(point);
}

std::vector<std::uint8_t> Handshake::write_first(const Secret& ephemeral, Bytes payload) {
  ephemeral_ = KeyPairX::from(ephemeral);
  std::vector<std::uint8_t> out;
  append(out, ephemeral_.point);
  mix_ephemeral(ephemeral_.point);
  if (!mix_dh(ephemeral_.secret, remote_)) {
    return {};
  }
  seal(mine_.point, out);
  if (!mix_dh(mine_.secret, remote_)) {
    return {};
  }
  seal(payload, out);
  return out;
}

std::optional<std::vector<std::uint8_t>> Handshake::read_first(Bytes message) {
  if (message.size() < kFirstOverhead) {
    return std::nullopt;
  }
  std::copy_n(message.begin(), kPoint, remote_ephemeral_.begin());
  mix_ephemeral(remote_ephemeral_);
  if (!mix_dh(mine_.secret, remote_ephemeral_) ||
      !open(message.subspan(kPoint, kPoint + kTag), remote_) || !mix_dh(mine_.secret, remote_)) {
    return std::nullopt;
  }
  const Bytes sealed = message.subspan(2 * kPoint + kTag);
  std::vector<std::uint8_t> payload(sealed.size() - kTag);
  if (!open(sealed, payload)) {
    return std::nullopt;
  }
  return payload;
}

std::vector<std::uint8_t> Handshake::write_second(const Secret& ephemeral, const Secret& psk,
                                                  Bytes payload) {
  ephemeral_ = KeyPairX::from(ephemeral);
  std::vector<std::uint8_t> out;
  append(out, ephemeral_.point);
  mix_ephemeral(ephemeral_.point);
  if (!mix_dh(ephemeral_.secret, remote_ephemeral_) || !mix_dh(ephemeral_.secret, remote_)) {
    return {};
  }
  mix_key_and_hash(psk.bytes);
  seal(payload, out);
  return out;
}

std::optional<std::vector<std::uint8_t>> Handshake::read_second(const Secret& psk, Bytes message) {
  if (message.size() < kSecondOverhead) {
    return std::nullopt;
  }
  std::copy_n(message.begin(), kPoint, remote_ephemeral_.begin());
  mix_ephemeral(remote_ephemeral_);
  if (!mix_dh(ephemeral_.secret, remote_ephemeral_) || !mix_dh(mine_.secret, remote_ephemeral_)) {
    return std::nullopt;
  }
  mix_key_and_hash(psk.bytes);
  std::vector<std::uint8_t> payload(message.size() - kSecondOverhead);
  if (!open(message.subspan(kPoint), payload)) {
    return std::nullopt;
  }
  return payload;
}

TransportKeys Handshake::split() const {
  const Outputs out = hkdf(chain_, {});
  return {first_half(out.first), first_half(out.second)};
}

}  // namespace marvel::vpn
