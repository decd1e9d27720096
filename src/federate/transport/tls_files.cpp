#include "federate/transport/tls_files.hpp"

#include "base/file.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace marvel::federate {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&::BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;

// gRPC cannot ask either.
int no_passphrase(char* /*text*/, int /*size*/, int /*writes*/, void* /*data*/) {
  return -1;
}

Bio reader_of(const std::string& text) {
  return {::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &::BIO_free};
}

Certificate next_certificate(BIO* bio) {
  return {::PEM_read_bio_X509_AUX(bio, nullptr, &no_passphrase, nullptr), &::X509_free};
}

// The first of them. `text` holds nothing but certificates, and other words between them.
Certificate first_certificate(const std::string& text) {
  ::ERR_clear_error();
  const Bio bio = reader_of(text);
  Certificate first = next_certificate(bio.get());
  while (first && next_certificate(bio.get())) {
  }
  const bool at_end = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ::ERR_clear_error();
  return at_end ? std::move(first) : Certificate(nullptr, &::X509_free);
}

Result<std::string> read_text(const std::string& path, const char* flag) {
  auto text = read_file(path);
  if (!text) {
    text.error().context.push_back(std::string("reading ") + flag);
  }
  return text;
}

}  // namespace

Result<std::string> read_certificates(const std::string& path, const char* flag) {
  MARVEL_TRY(std::string text, read_text(path, flag));
  if (!first_certificate(text)) {
    return fail(Errc::kInput,
                fmt::format("{} '{}' holds no certificates that can be read", flag, path),
                "it is a PEM file with -----BEGIN CERTIFICATE-----");
  }
  return text;
}

Result<TlsIdentity> read_identity(const std::string& cert_path, const std::string& key_path) {
  TlsIdentity own;
  MARVEL_TRY(own.chain, read_certificates(cert_path, "--tls-cert"));
  MARVEL_TRY(own.key, read_text(key_path, "--tls-key"));
  const Key key(
      ::PEM_read_bio_PrivateKey(reader_of(own.key).get(), nullptr, &no_passphrase, nullptr),
      &::EVP_PKEY_free);
  const bool belong =
      key && ::X509_check_private_key(first_certificate(own.chain).get(), key.get()) == 1;
  ::ERR_clear_error();
  if (!key) {
    return fail(Errc::kInput,
                fmt::format("--tls-key '{}' holds no private key that can be read", key_path),
                "it is a PEM file with -----BEGIN PRIVATE KEY-----, without a passphrase");
  }
  if (!belong) {
    return fail(
        Errc::kInput,
        fmt::format("--tls-key '{}' is not the key of --tls-cert '{}'", key_path, cert_path),
        "give the key that the certificate was made for, and in --tls-cert its own "
        "certificate first");
  }
  return own;
}

}  // namespace marvel::federate
