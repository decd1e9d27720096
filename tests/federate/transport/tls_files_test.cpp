#include "federate/transport/tls_files.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace marvel::federate {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&::BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;

Key new_key() {
  return {::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &::EVP_PKEY_free};
}

std::string text_of(const Bio& bio) {
  std::string text(4096, ' ');
  const int size = ::BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  REQUIRE(size > 0);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string pem_of(const Key& key, const char* passphrase = nullptr) {
  const Bio bio(::BIO_new(::BIO_s_mem()), &::BIO_free);
  REQUIRE(::PEM_write_bio_PKCS8PrivateKey(
              bio.get(), key.get(), passphrase == nullptr ? nullptr : ::EVP_aes_128_cbc(),
              passphrase, passphrase == nullptr ? 0 : 4, nullptr, nullptr) == 1);
  return text_of(bio);
}

// Signed by itself.
std::string certificate_of(const Key& key) {
  const Certificate certificate(::X509_new(), &::X509_free);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), 0);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
  REQUIRE(::X509_set_pubkey(certificate.get(), key.get()) == 1);
  REQUIRE(::X509_sign(certificate.get(), key.get(), ::EVP_sha256()) > 0);
  const Bio bio(::BIO_new(::BIO_s_mem()), &::BIO_free);
  REQUIRE(::PEM_write_bio_X509(bio.get(), certificate.get()) == 1);
  return text_of(bio);
}

}  // namespace

TEST_CASE("files of TLS that cannot be used are told with their flag") {
  const test::TempDir dir;
  const auto file = [&dir](const char* name, const std::string& text) {
    REQUIRE(write_file_atomically(dir / name, text).has_value());
    return (dir / name).string();
  };
  const auto says = [](const auto& result, const char* words) {
    return !result.has_value() && result.error().code == Errc::kInput &&
           result.error().message.find(words) != std::string::npos;
  };
  const Key key = new_key();
  const std::string pem = certificate_of(key);
  const auto cert_file = file("cert.pem", "words before it\n" + pem + pem);
  const auto key_file = file("key.pem", pem_of(key));
  const auto good = read_identity(cert_file, key_file);
  REQUIRE(good.has_value());
  CHECK(good->key == pem_of(key));
  CHECK(read_certificates(cert_file, "--tls-ca").has_value());

  CHECK(says(read_certificates(file("empty.pem", ""), "--tls-ca"), "--tls-ca"));
  CHECK(says(read_certificates(key_file, "--client-ca"), "--client-ca"));
  const auto cut = file("cut.pem", pem + pem.substr(0, pem.size() / 2));
  CHECK(says(read_identity(cut, key_file), "--tls-cert"));
  CHECK(says(read_identity(cert_file, cert_file), "--tls-key"));
  CHECK(says(read_identity(cert_file, file("locked.pem", pem_of(key, "pass"))), "--tls-key"));
  CHECK(says(read_identity(cert_file, file("other.pem", pem_of(new_key()))), "is not the key of"));
  CHECK(read_identity((dir / "none.pem").string(), key_file).error().code == Errc::kInput);
}

}  // namespace marvel::federate
