#include "federate/server/snapshot.hpp"

#include "federate/server/fixture.hpp"

#include <limits>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

using namespace test_server;
using Json = nlohmann::json;

const ClientSnapshot& row_of(const ServerSnapshot& snapshot, const std::string& client) {
  for (const auto& row : snapshot.clients) {
    if (row.client == client) {
      return row;
    }
  }
  FAIL("no client " << client);
  return snapshot.clients.front();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a snapshot tells the phase, the round and what each client does") {
  RoundRules rules = rules_of(2, 2);
  rules.deadline = Time(9000);
  Hall hall(rules);
  const auto a = hall.join("a");
  CHECK(hall.coordinator.snapshot(hall.now).phase == "waiting");
  const auto [b, c] = hall.join_all("b", "c");
  hall.pass(Time(1500));
  hall.fit(a, {2, 0}, 5, {{"loss", 0.5}});
  ServerSnapshot found = hall.coordinator.snapshot(hall.now);
  CHECK(found.phase == "training");
  CHECK(found.run == "run-1");
  CHECK(found.rounds == 2);
  CHECK(found.rounds_done == 0);
  CHECK(found.connected == 3);
  CHECK(found.answers == 1);
  CHECK(found.wanted == 2);
  CHECK(found.parameters == 2);
  CHECK(found.due_in == Time(7500));
  CHECK_FALSE(found.last.has_value());
  CHECK(row_of(found, "a").state == ClientState::kIdle);
  CHECK(row_of(found, "a").fate == Fate::kMerged);
  CHECK(row_of(found, "a").merged == 1);
  CHECK(row_of(found, "a").examples == 5);
  CHECK(row_of(found, "a").loss == 0.5);
  CHECK(row_of(found, "b").state == ClientState::kTrains);
  CHECK(row_of(found, "b").asked_for == Time(1500));
  CHECK(row_of(found, "c").state == ClientState::kIdle);
  CHECK_FALSE(row_of(found, "c").fate.has_value());
  hall.leave(c);  // it was never asked
  hall.leave(a);
  found = hall.coordinator.snapshot(hall.now);
  CHECK(found.clients.size() == 2);
  CHECK(row_of(found, "a").state == ClientState::kAway);
  hall.fit(b, {0, 4});
  found = hall.coordinator.snapshot(hall.now);
  CHECK(found.rounds_done == 1);
  REQUIRE(found.last.has_value());
  CHECK(found.last->count(Fate::kMerged) == 2);
}

TEST_CASE("totals are the sums of rounds") {
  ServerTotals totals;
  RoundReport round;
  round.clients.resize(4);
  round.clients[0].fate = Fate::kMerged;
  round.clients[1].fate = Fate::kRefused;
  round.clients[2].fate = Fate::kLate;
  round.clients[3].fate = Fate::kMerged;
  round.carried = 2;
  round.bytes_down = 100;
  round.bytes_up = 10;
  totals.add(round);
  totals.add(round);
  CHECK(totals.rounds == 2);
  CHECK(totals.merged == 4);
  CHECK(totals.refused == 2);
  CHECK(totals.late == 2);
  CHECK(totals.gone == 0);
  CHECK(totals.carried == 4);
  CHECK(totals.bytes_down == 200);
  CHECK(totals.bytes_up == 20);
}

TEST_CASE("a status is one document, whatever clients call themselves") {
  ServerSnapshot snapshot;
  snapshot.run = "r";
  snapshot.phase = "training";
  snapshot.due_in = Time(2500);
  snapshot.totals.refused = 3;
  PrivacyReport privacy;
  privacy.epsilon = 1.5;
  snapshot.privacy = privacy;
  ClientSnapshot row;
  row.client = "a\xff\"";
  row.state = ClientState::kTrains;
  row.fate = Fate::kAsked;
  row.asked_for = Time(1250);
  row.loss = std::numeric_limits<double>::infinity();
  snapshot.clients.push_back(row);
  const Json json = Json::parse(status_json(snapshot));
  CHECK(json.at("schema") == "marvel.fedl.status/1");
  CHECK(json.at("due_in") == 2.5);
  CHECK(json.at("totals").at("refused") == 3);
  CHECK(json.at("privacy").at("epsilon") == 1.5);
  CHECK(json.at("last_round").is_null());
  CHECK(json.at("clients")[0].at("client") == "a\xef\xbf\xbd\"");
  CHECK(json.at("clients")[0].at("state") == "trains");
  CHECK(json.at("clients")[0].at("seconds") == 1.25);
  CHECK(json.at("clients")[0].at("loss").is_null());
}

TEST_CASE("metrics have rounds, clients, bytes, merges, refusals and epsilon") {
  ServerSnapshot snapshot;
  snapshot.rounds_done = 7;
  snapshot.connected = 2;
  snapshot.totals.rounds = 3;
  snapshot.totals.merged = 5;
  snapshot.totals.refused = 1;
  snapshot.totals.bytes_down = 1000;
  snapshot.totals.bytes_up = 900;
  PrivacyReport privacy;
  privacy.epsilon = 0.25;
  privacy.delta = 0.5;
  snapshot.privacy = privacy;
  snapshot.last = RoundReport{};
  snapshot.last->took = Time(1500);
  snapshot.last->evaluation = EvaluationReport{2, 20, 0.5, 0.75};
  snapshot.clients.resize(2);
  snapshot.clients[0].client = "a\n\"";
  snapshot.clients[0].state = ClientState::kTrains;
  snapshot.clients[0].merged = 4;
  snapshot.clients[1].client = "b";
  const std::string text = metrics_text(snapshot);
  CHECK(has(text, "marvel_fedl_rounds_done 7\n"));
  CHECK(has(text, "marvel_fedl_rounds_total 3\n"));
  CHECK(has(text, "marvel_fedl_clients_connected 2\n"));
  CHECK(has(text, "marvel_fedl_answers_total{fate=\"merged\"} 5\n"));
  CHECK(has(text, "marvel_fedl_answers_total{fate=\"refused\"} 1\n"));
  CHECK(has(text, "marvel_fedl_sent_bytes_total 1000\n"));
  CHECK(has(text, "marvel_fedl_received_bytes_total 900\n"));
  CHECK(has(text, "marvel_fedl_epsilon 0.25\n"));
  CHECK(has(text, "marvel_fedl_delta 0.5\n"));
  CHECK(has(text, "marvel_fedl_round_seconds 1.5\n"));
  CHECK(has(text, "marvel_fedl_accuracy 0.75\n"));
  CHECK(has(text, "marvel_fedl_clients{state=\"trains\"} 1\n"));
  CHECK(has(text, "marvel_fedl_clients{state=\"away\"} 1\n"));
  CHECK(has(text, "marvel_fedl_client_merged_rounds_total{client=\"a \\\"\"} 4\n"));
  std::size_t begin = 0;
  while (begin < text.size()) {  // every line is a comment or a sample
    const std::size_t end = text.find('\n', begin);
    REQUIRE(end != std::string::npos);
    const std::string line = text.substr(begin, end - begin);
    CHECK((line.starts_with("# ") || line.starts_with("marvel_fedl_")));
    begin = end + 1;
  }
}

}  // namespace marvel::federate
