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

TEST_CASE("the lines of rounds are not written twice into one file") {
  ServerOptions options;
  options.checkpoint = "run1";
  options.rounds_out = "run1/../run1/rounds.jsonl";
  CHECK(validate(options).error().message ==
        "--metrics-out must not be rounds.jsonl in --checkpoint");
  options.rounds_out = "run1/other.jsonl";
  CHECK(validate(options).has_value());
  options.checkpoint.clear();
  options.rounds_out = "rounds.jsonl";
  CHECK(validate(options).has_value());
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

TEST_CASE("privacy is accounted for under the rules of the rounds, which must not break it") {
  ServerOptions options;
  options.rules.min_available = 100;
  options.rules.clients_per_round = 10;
  options.strategy.privacy.emplace();
  options.strategy.privacy->clip = 1;
  options.strategy.privacy->noise = 1;
  CHECK(strategy_of(options).privacy->sampling_rate == 0.1);
  CHECK(strategy_of(options).privacy->expected == 10);
  CHECK(validate(options).has_value());
  options.rules.carry_late = true;
  CHECK(validate(options).error().message.starts_with("--late carry and --dp-clip"));
  options.rules.carry_late = false;
  options.rules.over_selection = 0.5;
  CHECK(validate(options).error().message.starts_with("--over-selection and --dp-clip"));
  options.rules.over_selection = 0;
  options.strategy.kind = StrategyKind::kNus;
  CHECK(validate(options).error().message.starts_with("--dp-clip and --strategy nus exclude"));
  options.strategy.nus.features = NusFeatures::kAvailability;
  CHECK(validate(options).has_value());
  options.strategy.nus.mode = NusMode::kPost;
  CHECK_FALSE(validate(options).has_value());
  options.strategy.nus.mode = NusMode::kPre;
  options.strategy.privacy->mode = PrivacyMode::kClient;
  CHECK_FALSE(validate(options).has_value());
}

TEST_CASE("a secure sum has between two and 255 clients") {
  ServerOptions options;
  options.rules.secure = true;
  CHECK(validate(options).has_value());  // of more that are there it draws
  options.rules.clients_per_round = 255;
  CHECK(validate(options).has_value());
  options.rules.clients_per_round = 256;
  CHECK(validate(options).error().message ==
        "--clients-per-round can be 255 at most with --secure-aggregation");
  options.rules.clients_per_round = 1;
  CHECK(validate(options).error().code == Errc::kUsage);
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
