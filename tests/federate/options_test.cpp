#include "federate/options.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("a server needs an address with a port, whole pairs of TLS files, and a run to resume") {
  CHECK(validate(ServerOptions{}).has_value());
  ServerOptions options;
  options.address = "localhost";
  CHECK(validate(options).error().message == "--address must be HOST:PORT, not 'localhost'");
  options = {};
  options.tls_key = "key.pem";
  CHECK(validate(options).error().code == Errc::kUsage);
  options = {};
  options.client_ca = "ca.pem";
  CHECK(validate(options).error().message.starts_with("--client-ca needs"));
  options = {};
  options.resume = true;
  CHECK(validate(options).error().message.starts_with("--resume needs"));
}

TEST_CASE("a client needs a name and a server") {
  ClientOptions options;
  CHECK(validate(options).error().message == "--cid is missing");
  options.cid = "1";
  CHECK(validate(options).error().message == "--server-address is missing");
  options.address = "[::1]:8080";
  CHECK(validate(options).has_value());
  options.tls_cert = options.tls_key = "x.pem";
  CHECK(validate(options).error().message == "--tls-cert needs --tls-ca");
}

TEST_CASE("names that cannot travel and times that make no sense are refused") {
  ClientOptions client;
  client.address = "h:1";
  client.cid = "B\xc3\xbcro";
  CHECK(validate(client).error().code == Errc::kUsage);
  client.cid = "a\n";
  CHECK(validate(client).error().code == Errc::kUsage);
  client.cid = "edge 7";
  CHECK(validate(client).has_value());
  client.keepalive = std::chrono::seconds(9);
  CHECK(validate(client).error().code == Errc::kUsage);
  ServerOptions server;
  server.rules.deadline = Time(0);
  CHECK(validate(server).error().code == Errc::kUsage);
  server.rules.deadline = std::nullopt;
  server.rules.keep = 0;
  CHECK(validate(server).error().code == Errc::kUsage);
}

}  // namespace marvel::federate
