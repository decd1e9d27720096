#include "vpn/crypto/data_cipher.hpp"

#include "base/check.hpp"
#include "vpn/constants.hpp"
#include "vpn/crypto/wide_gcm.hpp"

#include <openssl/evp.h>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t bit(Suite suite) {
  return static_cast<std::uint8_t>(suite);
}

const EVP_CIPHER* cipher_of(Suite suite) {
  return suite == Suite::kAes256Gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
}

Block<12> nonce_of(std::uint64_t counter) {
  Block<12> nonce{};
  store_le(nonce.data() + 4, counter);
  return nonce;
}

}  // namespace

struct DataCipher::Context {
  EVP_CIPHER_CTX* evp = nullptr;
  std::unique_ptr<WideGcm> wide;  // in place of `evp`, where it works

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_CIPHER_CTX_free(evp); }
};

DataCipher::DataCipher(Suite suite, const Secret& key, Direction direction, bool wide)
    : context_(std::make_unique<Context>()) {
  if (wide && suite == Suite::kAes256Gcm && WideGcm::works_here()) {
    context_->wide = std::make_unique<WideGcm>(key);
    return;
  }
  context_->evp = EVP_CIPHER_CTX_new();
  const int encrypt = direction == Direction::kSeal ? 1 : 0;
  const bool ready =
      context_->evp != nullptr && EVP_CipherInit_ex(context_->evp, cipher_of(suite), nullptr,
                                                    key.bytes.data(), nullptr, encrypt) == 1;
  MARVEL_CHECK(ready, "OpenSSL has no such cipher");
}

DataCipher::DataCipher(DataCipher&&) noexcept = default;
DataCipher& DataCipher::operator=(DataCipher&&) noexcept = default;
DataCipher::~DataCipher() = default;

void DataCipher::seal(std::uint64_t counter, Bytes associated, MutableBytes text) {
  if (context_->wide) {
    return context_->wide->seal(counter, associated, text);
  }
  EVP_CIPHER_CTX* const evp = context_->evp;
  const auto nonce = nonce_of(counter);
  const int size = static_cast<int>(text.size());
  int written = 0;
  const bool done = EVP_EncryptInit_ex(evp, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
                    EVP_EncryptUpdate(evp, nullptr, &written, associated.data(),
                                      static_cast<int>(associated.size())) == 1 &&
                    EVP_EncryptUpdate(evp, text.data(), &written, text.data(), size) == 1 &&
                    EVP_EncryptFinal_ex(evp, text.data() + size, &written) == 1 &&
                    EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize),
                                        text.data() + size) == 1;
  MARVEL_CHECK(done, "a frame could not be sealed");
}

bool DataCipher::open(std::uint64_t counter, Bytes associated, MutableBytes sealed) {
  if (sealed.size() < kTagSize) {
    return false;
  }
  if (context_->wide) {
    return context_->wide->open(counter, associated, sealed);
  }
  EVP_CIPHER_CTX* const evp = context_->evp;
  const auto nonce = nonce_of(counter);
  const int size = static_cast<int>(sealed.size() - kTagSize);
  int written = 0;
  return EVP_DecryptInit_ex(evp, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize),
                             sealed.data() + size) == 1 &&
         EVP_DecryptUpdate(evp, nullptr, &written, associated.data(),
                           static_cast<int>(associated.size())) == 1 &&
         EVP_DecryptUpdate(evp, sealed.data(), &written, sealed.data(), size) == 1 &&
         EVP_DecryptFinal_ex(evp, sealed.data() + size, &written) == 1;
}

std::uint8_t supported_suites() {
  return static_cast<std::uint8_t>(bit(Suite::kChaCha20Poly1305) |
                                   (cpu_has_aes() ? bit(Suite::kAes256Gcm) : 0));
}

Suite choose_suite(std::uint8_t mine, std::uint8_t theirs) {
  return (mine & theirs & bit(Suite::kAes256Gcm)) != 0 ? Suite::kAes256Gcm
                                                       : Suite::kChaCha20Poly1305;
}

}  // namespace marvel::vpn
