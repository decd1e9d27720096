// Payloads:
//   null                 frame
//   aes                  AES-CBC(16 bytes of chance ‖ frame) with IV 0; the last block is padded
//   with
//                        zeros, the last two encrypted blocks change places, the rest is cut off
//                        (ciphertext stealing); whole blocks stay as they are
//   chacha20, speck      IV of 16 bytes of chance ‖ frame xor key stream
#include "vpn/n2n/transform.hpp"

#include "vpn/n2n/pearson.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kShortestFrame = 14;
constexpr std::size_t kShortKey = 22;   // up to this many characters AES has 128 bits
constexpr std::size_t kMiddleKey = 32;  // and 192

struct Named {
  std::string_view name;
  Cipher cipher;
};
constexpr std::array<Named, 4> kCiphers{{{"null", Cipher::kNull},
                                         {"aes", Cipher::kAes},
                                         {"chacha20", Cipher::kChaCha20},
                                         {"speck", Cipher::kSpeck}}};

PlainCipher::Kind kind_of(Cipher cipher) {
  return cipher == Cipher::kAes ? PlainCipher::Kind::kAesCbc : PlainCipher::Kind::kChaCha20;
}

// The last bytes of the key's hash, as many as the cipher takes.
std::vector<std::uint8_t> openssl_key(Cipher cipher, std::string_view key) {
  const auto hash = pearson_256(bytes_of(key));
  std::size_t skip = 0;
  if (cipher == Cipher::kAes) {
    skip = key.size() <= kShortKey ? 16 : key.size() <= kMiddleKey ? 8 : 0;
  }
  return {hash.begin() + static_cast<std::ptrdiff_t>(skip), hash.end()};
}

Block<16> drawn_key(Random& random) {
  Block<16> key{};
  random.fill(key);
  return key;
}

}  // namespace

std::optional<Cipher> parse_cipher(std::string_view name) {
  const auto* const found = std::find_if(kCiphers.begin(), kCiphers.end(),
                                         [name](const Named& one) { return one.name == name; });
  return found == kCiphers.end() ? std::nullopt : std::optional(found->cipher);
}

std::string_view cipher_name(Cipher cipher) {
  return std::find_if(kCiphers.begin(), kCiphers.end(),
                      [cipher](const Named& one) { return one.cipher == cipher; })
      ->name;
}

Transform::Transform(Cipher cipher, std::string_view key, Random& random)
    : cipher_(cipher),
      speck_(pearson_256(bytes_of(key))),
      chance_(drawn_key(random)),
      seal_(kind_of(cipher), openssl_key(cipher, key), PlainCipher::Direction::kEncrypt),
      open_(kind_of(cipher), openssl_key(cipher, key), PlainCipher::Direction::kDecrypt),
      open_block_(cipher == Cipher::kAes ? PlainCipher::Kind::kAesBlock : kind_of(cipher),
                  openssl_key(cipher, key), PlainCipher::Direction::kDecrypt) {}

void Transform::draw(MutableBytes out) {
  Block<kChance> number{};
  store_le(number.data(), ++drawn_);
  const auto chance = chance_.encrypt(number);
  std::copy(chance.begin(), chance.end(), out.begin());
}

void Transform::seal(MutableBytes payload) {
  if (cipher_ == Cipher::kNull) {
    return;
  }
  draw(payload);
  Block<kChance> iv{};
  std::copy_n(payload.begin(), iv.size(), iv.begin());
  const MutableBytes frame = payload.subspan(kChance);
  switch (cipher_) {
    case Cipher::kSpeck:
      return speck_.apply(iv, frame);
    case Cipher::kChaCha20:
      seal_.start(iv);
      return seal_.apply(frame);
    default:
      return seal_aes(payload);
  }
}

void Transform::seal_aes(MutableBytes payload) {
  const std::size_t rest = payload.size() % kBlock;
  const MutableBytes whole = payload.first(payload.size() - rest);
  seal_.start({});
  seal_.apply(whole);
  if (rest == 0) {
    return;
  }
  const MutableBytes tail = payload.subspan(whole.size());
  Block<kBlock> last{};
  std::copy(tail.begin(), tail.end(), last.begin());
  seal_.apply(last);
  const MutableBytes before = whole.last(kBlock);
  std::copy_n(before.begin(), rest, tail.begin());
  std::copy(last.begin(), last.end(), before.begin());
}

std::optional<MutableBytes> Transform::open(MutableBytes payload) {
  if (payload.size() < overhead() + kShortestFrame) {
    return std::nullopt;
  }
  const MutableBytes frame = payload.subspan(overhead());
  Block<kChance> iv{};
  std::copy_n(payload.begin(), overhead(), iv.begin());
  switch (cipher_) {
    case Cipher::kNull:
      break;
    case Cipher::kSpeck:
      speck_.apply(iv, frame);
      break;
    case Cipher::kChaCha20:
      open_.start(iv);
      open_.apply(frame);
      break;
    case Cipher::kAes:
      open_aes(payload);
      break;
  }
  return frame;
}

// The block that comes last but one holds, decrypted, the end of the stolen one: what is xored with
// it there is the padding, zeros.
void Transform::open_aes(MutableBytes payload) {
  const std::size_t rest = payload.size() % kBlock;
  const MutableBytes whole = payload.first(payload.size() - rest);
  Block<kBlock> last{};
  if (rest != 0) {
    const MutableBytes tail = payload.subspan(whole.size());
    const MutableBytes before = whole.last(kBlock);
    Block<kBlock> stolen{};
    std::copy(before.begin(), before.end(), last.begin());
    std::copy(before.begin(), before.end(), stolen.begin());
    open_block_.apply(stolen);
    std::copy(tail.begin(), tail.end(), stolen.begin());
    std::copy(stolen.begin(), stolen.end(), before.begin());
  }
  open_.start({});
  open_.apply(whole);
  if (rest != 0) {
    open_.apply(last);
    std::copy_n(last.begin(), rest, payload.subspan(whole.size()).begin());
  }
}

}  // namespace marvel::vpn::n2n
