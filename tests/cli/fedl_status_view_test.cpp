#include "cli/fedl_status_view.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

federate::ServerSnapshot running() {
  federate::ServerSnapshot snapshot;
  snapshot.run = "7f3a";
  snapshot.strategy = "nus";
  snapshot.phase = "training";
  snapshot.activity = "round 2: 1 of 2 answers";
  snapshot.rounds = 5;
  snapshot.rounds_done = 1;
  snapshot.parameters = 42;
  federate::ClientSnapshot row;
  row.client = "a";
  row.state = federate::ClientState::kIdle;
  row.fate = federate::Fate::kMerged;
  row.examples = 600;
  row.selected = 2;
  row.merged = 2;
  row.loss = 0.25;
  row.accuracy = 0.9;
  snapshot.clients.push_back(row);
  row = {};
  row.client = "b";
  row.state = federate::ClientState::kTrains;
  row.fate = federate::Fate::kAsked;
  row.asked_for = std::chrono::milliseconds(1250);
  row.selected = 1;
  snapshot.clients.push_back(row);
  return snapshot;
}

constexpr const char* kHead =
    "CLIENT   STATE  SECONDS   ROUND  EXAMPLES  ASKED  MERGED    LOSS  ACCURACY\n"
    "--------------------------------------------------------------------------\n";
constexpr const char* kIdle =
    "a         idle        -  merged       600      2       2  0.2500   90.00 %";
constexpr const char* kBusy =
    "b       trains      1.2   asked         0      1       0       -         -";

}  // namespace

TEST_CASE("the panel has a row per client, busy ones first, and no line end at its end") {
  CHECK(fedl_panel(running()) == std::string(kHead) + kBusy + "\n" + kIdle);
}

TEST_CASE("a status reads as text, and as the document that came") {
  federate::ServerSnapshot snapshot = running();
  snapshot.last = federate::RoundReport{};
  snapshot.last->round = 1;
  snapshot.last->took = std::chrono::milliseconds(2000);
  snapshot.last->clients.resize(2);
  snapshot.last->clients[0].fate = federate::Fate::kMerged;
  snapshot.last->central = federate::EvaluationReport{0, 100, 0.5, 0.8};
  const std::string json = status_json(snapshot);
  const auto answer = fedl_status_answer(json);
  REQUIRE(answer);
  CHECK(answer->json == json);
  CHECK(answer->text ==
        "run 7f3a (nus): 1 of 5 rounds, 42 parameters\n"
        "round 2: 1 of 2 answers\n"
        "round 1: 1 of 2 clients merged, 2.0 s, loss 0.5000, accuracy 80.00 %\n\n" +
            std::string(kHead) + kIdle + "\n" + kBusy + "\n");
}

TEST_CASE("an answer that is no status is told") {
  for (const char* damaged : {"", "{", "[]", "{}", R"({"last_round": 3})"}) {
    CAPTURE(damaged);
    CHECK(fedl_status_answer(damaged).error().code == Errc::kUnavailable);
  }
}

}  // namespace marvel::cli
