// A token is the user's public key ‖ challenge, encrypted under the shared key. The answer is
// challenge, encrypted twice ‖ 16 bytes of no meaning ‖ challenge ^ dynamic key ^ half of the
// shared key, encrypted.
#include "vpn/n2n/user_key.hpp"

#include "vpn/n2n/pearson.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-";
constexpr unsigned kBits = 6;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kWrappedAt = kKeySize;  // in a token

template <std::size_t N>
Block<N> xored(Block<N> one, const Block<N>& other) {
  for (std::size_t at = 0; at < N; ++at) {
    one[at] ^= other[at];
  }
  return one;
}

template <std::size_t N>
Block<N> block_at(Bytes bytes, std::size_t offset) {
  Block<N> block{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), N, block.begin());
  return block;
}

void put_at(Auth& auth, std::size_t offset, const Block<16>& block) {
  std::copy(block.begin(), block.end(), auth.token.begin() + static_cast<std::ptrdiff_t>(offset));
}

Block<16> hashed_three_times(Bytes bytes) {
  return pearson_128(pearson_128(pearson_128(bytes)));
}

}  // namespace

Secret federation_key(std::string_view name) {
  return Secret(pearson_256(pearson_256(bytes_of(name))));
}

Secret user_key(std::string_view user, std::string_view password) {
  return Secret(xored(federation_key(password).bytes, pearson_256(bytes_of(user))));
}

PublicKey public_key(const Secret& key) {
  // The point 9 with its bytes the other way round.
  PublicKey base{};
  base.back() = 9;
  Secret point;
  return x25519(key, base, point) ? point.bytes : PublicKey{};
}

std::string key_text(Bytes bytes) {
  std::string text;
  unsigned waiting = 0;  // bits
  std::uint32_t value = 0;
  for (const auto byte : bytes) {
    value = (value << 8U | byte) & 0xffffU;
    for (waiting += 8; waiting >= kBits; waiting -= kBits) {
      text += kDigits[value >> (waiting - kBits) & 0x3fU];
    }
  }
  if (waiting > 0) {
    text += kDigits[value << (kBits - waiting) & 0x3fU];
  }
  return text;
}

std::optional<PublicKey> parse_key_text(std::string_view text) {
  PublicKey key{};
  std::size_t filled = 0;
  unsigned waiting = 0;
  std::uint32_t value = 0;
  for (const char digit : text) {
    const auto found = kDigits.find(digit);
    if (found == kDigits.npos) {
      return std::nullopt;
    }
    value = (value << kBits | static_cast<std::uint32_t>(found)) & 0xffffU;
    waiting += kBits;
    if (waiting >= 8 && filled < key.size()) {
      waiting -= 8;
      key[filled++] = static_cast<std::uint8_t>(value >> waiting);
    }
  }
  // One way to write each key: no digit too many, and no bit behind the last byte.
  return key_text(key) == text ? std::optional(key) : std::nullopt;
}

Block<16> dynamic_key(const Community& community, const Community& federation,
                      std::uint32_t key_time) {
  Block<4> time{};
  store_le(time.data(), key_time);
  const Speck cipher(xored(hashed_three_times(community), hashed_three_times(federation)));
  return cipher.encrypt(hashed_three_times(time));
}

std::optional<Community> federation_of(std::string_view name) {
  return name.empty() ? std::nullopt : community_of("*" + std::string(name));
}

SharedKey::SharedKey(const Secret& secret)
    : secret_(secret), cipher_(block_at<16>(secret.bytes, 0)) {}

std::optional<SharedKey> SharedKey::of(const Secret& mine, const PublicKey& other) {
  Secret product;
  if (!x25519(mine, other, product)) {
    return std::nullopt;
  }
  return SharedKey(Secret(pearson_256(product.bytes)));
}

Auth SharedKey::ask(const PublicKey& mine, const Block<16>& challenge) const {
  Auth auth{kUserPassword, {mine.begin(), mine.end()}};
  auth.token.resize(kMostToken);
  put_at(auth, kWrappedAt, cipher_.encrypt(challenge));
  return auth;
}

Auth SharedKey::answer(const Auth& asked, const Block<16>& dynamic) const {
  Auth auth = asked;
  const auto wrapped = block_at<16>(asked.token, kWrappedAt);
  put_at(auth, 0, cipher_.encrypt(wrapped));
  const auto half = block_at<16>(secret_.bytes, 0);
  put_at(auth, kWrappedAt, cipher_.encrypt(xored(xored(cipher_.decrypt(wrapped), dynamic), half)));
  return auth;
}

std::optional<Block<16>> SharedKey::learn(const Block<16>& challenge, const Auth& answer) const {
  if (!names_user(answer) ||
      !equal_secret(cipher_.encrypt(cipher_.encrypt(challenge)), block_at<16>(answer.token, 0))) {
    return std::nullopt;
  }
  const auto unwrapped = cipher_.decrypt(block_at<16>(answer.token, kWrappedAt));
  return xored(xored(unwrapped, challenge), block_at<16>(secret_.bytes, 0));
}

bool names_user(const Auth& auth) {
  return auth.scheme == kUserPassword && auth.token.size() == kMostToken;
}

PublicKey user_in(const Auth& auth) {
  return names_user(auth) ? block_at<kKeySize>(auth.token, 0) : PublicKey{};
}

bool same_owner(const Auth& one, const Auth& other) {
  return names_user(one) && names_user(other) ? user_in(one) == user_in(other) : one == other;
}

}  // namespace marvel::vpn::n2n
