#include "federate/options.hpp"

#include <algorithm>

namespace marvel::federate {
namespace {

Status check_address(const std::string& address, const char* flag) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return fail(Errc::kUsage, std::string(flag) + " must be HOST:PORT, not '" + address + "'");
  }
  return {};
}

Status check_pair(const std::string& cert, const std::string& key) {
  if (cert.empty() != key.empty()) {
    return fail(Errc::kUsage, "--tls-cert and --tls-key go together");
  }
  return {};
}

}  // namespace

Status validate(const ServerOptions& options) {
  MARVEL_TRY_STATUS(check_address(options.address, "--address"));
  MARVEL_TRY_STATUS(validate(options.rules));
  MARVEL_TRY_STATUS(validate(options.strategy));
  MARVEL_TRY_STATUS(check_pair(options.tls_cert, options.tls_key));
  if (!options.client_ca.empty() && options.tls_cert.empty()) {
    return fail(Errc::kUsage, "--client-ca needs --tls-cert and --tls-key");
  }
  if (options.resume && options.checkpoint.empty()) {
    return fail(Errc::kUsage, "--resume needs the folder of the run", "name it with --checkpoint");
  }
  return {};
}

Status validate(const ClientOptions& options) {
  if (options.cid.empty()) {
    return fail(Errc::kUsage, "--cid is missing", "name this client, as in --cid 1");
  }
  constexpr std::size_t kLongestName = 256;
  const bool printable = std::all_of(options.cid.begin(), options.cid.end(),
                                     [](char byte) { return byte >= 0x20 && byte < 0x7f; });
  if (!printable || options.cid.size() > kLongestName) {
    return fail(Errc::kUsage, "--cid must be at most 256 printable ASCII characters");
  }
  if (options.address.empty()) {
    return fail(Errc::kUsage, "--server-address is missing",
                "name the server, as in --server-address localhost:8080");
  }
  MARVEL_TRY_STATUS(check_address(options.address, "--server-address"));
  MARVEL_TRY_STATUS(check_pair(options.tls_cert, options.tls_key));
  if (options.keepalive < std::chrono::seconds(10)) {
    return fail(Errc::kUsage, "--keepalive must be at least 10s");
  }
  if (!options.tls_cert.empty() && options.tls_ca.empty()) {
    return fail(Errc::kUsage, "--tls-cert needs --tls-ca");
  }
  return {};
}

}  // namespace marvel::federate
