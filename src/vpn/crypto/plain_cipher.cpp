#include "vpn/crypto/plain_cipher.hpp"

#include "base/check.hpp"

#include <openssl/evp.h>

namespace marvel::vpn {
namespace {

const EVP_CIPHER* cipher_of(PlainCipher::Kind kind, std::size_t key) {
  if (kind == PlainCipher::Kind::kChaCha20) {
    return EVP_chacha20();
  }
  const bool chained = kind == PlainCipher::Kind::kAesCbc;
  switch (key) {
    case 16:
      return chained ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
    case 24:
      return chained ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
    default:
      return chained ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
  }
}

}  // namespace

struct PlainCipher::Context {
  EVP_CIPHER_CTX* evp = EVP_CIPHER_CTX_new();

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_CIPHER_CTX_free(evp); }
};

PlainCipher::PlainCipher(Kind kind, Bytes key, Direction direction)
    : context_(std::make_unique<Context>()) {
  const EVP_CIPHER* const cipher = cipher_of(kind, key.size());
  MARVEL_CHECK(static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)) == key.size(),
               "a key of another size");
  const Block<16> zeros{};
  const bool ready = context_->evp != nullptr &&
                     EVP_CipherInit_ex(context_->evp, cipher, nullptr, key.data(), zeros.data(),
                                       direction == Direction::kEncrypt ? 1 : 0) == 1 &&
                     EVP_CIPHER_CTX_set_padding(context_->evp, 0) == 1;
  MARVEL_CHECK(ready, "OpenSSL has no such cipher");
}

PlainCipher::PlainCipher(PlainCipher&&) noexcept = default;
PlainCipher& PlainCipher::operator=(PlainCipher&&) noexcept = default;
PlainCipher::~PlainCipher() = default;

void PlainCipher::start(const Block<16>& iv) {
  const bool done = EVP_CipherInit_ex(context_->evp, nullptr, nullptr, nullptr, iv.data(), -1) == 1;
  MARVEL_CHECK(done, "a cipher could not be started");
}

void PlainCipher::apply(MutableBytes bytes) {
  int written = 0;
  const bool done = EVP_CipherUpdate(context_->evp, bytes.data(), &written, bytes.data(),
                                     static_cast<int>(bytes.size())) == 1 &&
                    static_cast<std::size_t>(written) == bytes.size();
  MARVEL_CHECK(done, "bytes could not be encrypted");
}

}  // namespace marvel::vpn
