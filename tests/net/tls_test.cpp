// TLS and proxies of the HTTP client.
#include "base/file.hpp"
#include "net/http.hpp"
#include "net/test_server.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::net {
namespace {

using test::certificate;
using test::TestServer;

Result<Response> get(const TlsOptions& tls, const std::string& url, const Proxies& proxies = {}) {
  static const StopFlag kNever;
  HttpOptions options;
  options.tls = tls;
  options.proxies = proxies;
  options.timeouts.idle = std::chrono::seconds(5);
  HttpClient client(options, kNever);
  return client.send({.url = url, .headers = {{"Authorization", "Bearer hush"}}});
}

TlsOptions trusting(const std::string& authority) {
  return {.ca_file = certificate(authority)};
}

void check_refused(const Result<Response>& answer, const std::string& why) {
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::kDenied);
  CAPTURE(answer.error().message);
  CHECK(answer.error().message.find(why) != std::string::npos);
}

}  // namespace

TEST_CASE("a certificate of a trusted authority is taken, from a file and from memory") {
  const TestServer server({certificate("good.pem"), certificate("good.key")});
  CHECK(get(trusting("ca.pem"), server.url("/echo")).has_value());
  CHECK(get(trusting("ca.pem"), server.url("/echo", "127.0.0.1")).has_value());
  CHECK(get({.ca_pem = *read_file(certificate("ca.pem"))}, server.url("/echo")).has_value());
}

TEST_CASE("an unknown authority is refused, with our authorities and with the system's") {
  const TestServer server({certificate("good.pem"), certificate("good.key")});
  check_refused(get(trusting("other-ca.pem"), server.url("/echo")), "is not trusted");
  check_refused(get({.ca_pem = *read_file(certificate("other-ca.pem"))}, server.url("/echo")),
                "is not trusted");
  check_refused(get({}, server.url("/echo")), "is not trusted");
}

TEST_CASE("a certificate for another name or an expired one is refused, in these words") {
  const TestServer name({certificate("name.pem"), certificate("name.key")});
  check_refused(get(trusting("ca.pem"), name.url("/echo")), "it is for another name");
  const TestServer old({certificate("old.pem"), certificate("old.key")});
  check_refused(get(trusting("ca.pem"), old.url("/echo")), "it has expired");
}

TEST_CASE("only without verification everybody is trusted") {
  const TestServer old({certificate("old.pem"), certificate("old.key")});
  CHECK(get({.verify = false}, old.url("/echo")).has_value());
}

TEST_CASE("a server name of its own is what the certificate must hold, the Host stays") {
  const TestServer server({certificate("name.pem"), certificate("name.key")});
  TlsOptions tls = trusting("ca.pem");
  tls.server_name = "wrong.example";
  const auto answer = get(tls, server.url("/echo"));
  REQUIRE(answer.has_value());
  CHECK(answer->body.find("Host: localhost:" + server.port()) != std::string::npos);
  tls.server_name = "localhost";
  check_refused(get(tls, server.url("/echo")), "it is for another name");
}

TEST_CASE("our certificate goes along, from files and from memory, and is asked for") {
  const TestServer server(
      {certificate("good.pem"), certificate("good.key"), certificate("ca.pem")});
  TlsOptions tls = trusting("ca.pem");
  check_refused(get(tls, server.url("/echo")), "does not accept our certificate");
  tls.certificate_file = certificate("client.pem");
  tls.key_file = certificate("client.key");
  CHECK(get(tls, server.url("/echo")).has_value());
  TlsOptions memory = trusting("ca.pem");
  memory.certificate_pem = *read_file(certificate("client.pem"));
  memory.key_pem = *read_file(certificate("client.key"));
  CHECK(get(memory, server.url("/echo")).has_value());
}

TEST_CASE("certificates and keys that cannot be used are our input") {
  const TestServer server({certificate("good.pem"), certificate("good.key")});
  const auto code = [&](const TlsOptions& tls) {
    const auto answer = get(tls, server.url("/echo"));
    return answer ? Errc::kInternal : answer.error().code;
  };
  CHECK(code({.ca_file = "/nowhere.pem"}) == Errc::kInput);
  CHECK(code({.ca_pem = "no PEM"}) == Errc::kInput);
  CHECK(code({.certificate_pem = "x", .key_pem = "y"}) == Errc::kInput);
  CHECK(code({.certificate_file = certificate("client.pem")}) == Errc::kInput);
  // A key of somebody else.
  CHECK(code({.ca_file = certificate("ca.pem"),
              .certificate_file = certificate("client.pem"),
              .key_file = certificate("good.key")}) == Errc::kInput);
}

TEST_CASE("plain HTTP on a TLS port and TLS on a plain port fail in words") {
  const TestServer plain;
  const auto answer = get({}, "https://localhost:" + plain.port() + "/echo");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::kUnavailable);
  CHECK(answer.error().message.find("no TLS with localhost:") != std::string::npos);
}

TEST_CASE("a proxy carries http requests and tunnels https ones without seeing their headers") {
  const TestServer proxy;
  const TestServer server({certificate("good.pem"), certificate("good.key")});
  const Proxies proxies{proxy.url(""), proxy.url(""), ""};
  const auto plain = get({}, "http://no-such-host.invalid/x", proxies);
  REQUIRE(plain.has_value());
  CHECK(plain->body == "proxied http://no-such-host.invalid/x");
  CHECK(get(trusting("ca.pem"), server.url("/echo"), proxies).has_value());
  const auto log = get({}, proxy.url("/connects"));
  REQUIRE(log.has_value());
  CHECK(log->body.find("CONNECT localhost:" + server.port()) != std::string::npos);
  CHECK(log->body.find("hush") == std::string::npos);
}

TEST_CASE("exceptions go past the proxy, and one that is down is told") {
  const TestServer server;
  const Proxies proxies{"http://127.0.0.1:9", "", "localhost"};
  CHECK(get({}, server.url("/echo"), proxies).has_value());
  const auto answer = get({}, server.url("/echo", "127.0.0.1"), proxies);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::kUnavailable);
}

}  // namespace marvel::net
