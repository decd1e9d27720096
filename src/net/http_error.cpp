#include "net/http_error.hpp"

#include "net/curl_library.hpp"

#include <array>
#include <system_error>

namespace marvel::net {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Error refused_certificate(const CurlFailure& failure, const Url& url) {
  const std::string& words = failure.words;
  std::string why = words;
  std::string hint = "name the certificate of the authority that signed it";
  if (has(words, "does not match") || has(words, "no alternative certificate subject") ||
      has(words, "unable to obtain common name")) {
    why = "it is for another name";
    hint = "use a name that the certificate holds";
  } else if (has(words, "not yet valid")) {
    why = "it is not valid yet";
    hint = "check the clock of this machine";
  } else if (has(words, "expired")) {
    why = "it has expired";
    hint = "have the server's certificate renewed";
  } else if (has(words, "self-signed") || has(words, "self signed")) {
    why = "it is signed by itself or by an unknown authority";
  } else if (has(words, "unable to get local issuer")) {
    why = "its authority is unknown";
  }
  return {
      Errc::kDenied, "the certificate of " + url.endpoint() + " is not trusted: " + why, hint, {}};
}

// The server ended the handshake with an alert about our certificate. TLS 1.3 tells it only after
// the handshake, when the answer is read.
bool is_about_our_certificate(const std::string& words) {
  return has(words, "alert") &&
         (has(words, "certificate") || has(words, "unknown ca") || has(words, "access denied"));
}

Error timed_out(const CurlFailure& failure, const std::string& what, const Url& url) {
  if (failure.connecting &&
      (failure.total_limit.count() == 0 || failure.connect_limit <= failure.total_limit)) {
    return {Errc::kTimeout,
            "no connection to " + url.endpoint() + " within " + limit_text(failure.connect_limit),
            "check that the machine is up and no firewall is between",
            {}};
  }
  return {
      Errc::kTimeout, what + " was not answered within " + limit_text(failure.total_limit), "", {}};
}

Error not_connected(const CurlFailure& failure, const Url& url) {
  const std::string why =
      failure.os_error != 0 ? std::generic_category().message(failure.os_error) : failure.words;
  return {Errc::kUnavailable,
          "could not connect to " + url.endpoint() + ": " + why,
          "check address and port, and that the server runs",
          {}};
}

}  // namespace

std::string limit_text(std::chrono::milliseconds limit) {
  const auto count = limit.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

Error explain(const CurlFailure& failure, const std::string& what, const Url& url) {
  if (is_about_our_certificate(failure.words)) {
    return {Errc::kDenied,
            url.endpoint() + " does not accept our certificate: " + failure.words,
            "check the client certificate and its key",
            {}};
  }
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Errc::kUnavailable,
              "could not resolve the host name '" + url.host + "'",
              "check the name, and that this machine has a name server",
              {}};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Errc::kUnavailable,
              "could not resolve the name of the proxy for " + url.origin(),
              "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
              {}};
    case CURLE_COULDNT_CONNECT:
      return not_connected(failure, url);
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(failure, what, url);
    case CURLE_PEER_FAILED_VERIFICATION:
      return refused_certificate(failure, url);
    case CURLE_SSL_CACERT_BADFILE:
      return {Errc::kInput, "the certificates to trust cannot be read: " + failure.words, "", {}};
    case CURLE_SSL_CERTPROBLEM:
      return {Errc::kInput, "our certificate or its key cannot be used: " + failure.words, "", {}};
    case CURLE_SSL_CONNECT_ERROR:
      return {Errc::kUnavailable,
              "no TLS with " + url.endpoint() + ": " + failure.words,
              "check that the port speaks TLS",
              {}};
    case CURLE_URL_MALFORMAT:
      return {Errc::kInput, what + ": " + failure.words, "", {}};
    default:
      return {Errc::kUnavailable,
              (failure.connecting ? "no connection to " + url.endpoint() : what + " broke off") +
                  ": " + failure.words,
              "",
              {}};
  }
}

}  // namespace marvel::net
