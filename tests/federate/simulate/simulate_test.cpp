#include "federate/simulate/simulate.hpp"

#include "federate/model_builder.hpp"
#include "support/fakes.hpp"

#include <cmath>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::values_of;

SimulateOptions small(int clients, std::uint64_t rounds) {
  SimulateOptions options;
  options.clients = clients;
  options.rules.rounds = rounds;
  options.samples = 20;
  options.hidden = 0;
  return options;
}

SimulateOptions rough(int clients, std::uint64_t rounds) {
  SimulateOptions options = small(clients, rounds);
  options.rules.min_available = 5;
  options.rules.clients_per_round = 30;
  options.rules.over_selection = 0.2;
  options.rules.deadline = Time(20000);
  options.faults.availability_low = 0.3;
  options.faults.availability_high = 0.95;
  options.faults.cycle = Time(60000);
  options.faults.dropout = 0.15;
  options.faults.corrupt = 0.1;
  options.faults.slow = 0.2;
  return options;
}

SimulationReport run(const SimulateOptions& options) {
  test::TestContext context;
  const auto people = light_people(options);
  REQUIRE(people);
  const auto report = simulate(options, *people, context.context);
  if (!report) {
    FAIL(report.error().message);
  }
  return *report;
}

// Says in the model itself who was merged: client i adds 1 to element i.
class Marker : public Trainer {
 public:
  Marker(std::size_t client, std::size_t clients) : client_(client), clients_(clients) {}
  Result<Model> initial() override { return model_of(std::vector<double>(clients_, 0)); }
  Result<Trained> train(const Model& global, const wire::Config& /*config*/) override {
    auto values = values_of(global);
    values[client_] += 1;
    return Trained{model_of(values), 1, {}};
  }
  Result<Evaluated> evaluate(const Model& global, const wire::Config& /*config*/) override {
    return Evaluated{1, 1, {{"accuracy", values_of(global)[client_] > 0 ? 1.0 : 0.0}}};
  }

 private:
  std::size_t client_;
  std::size_t clients_;
};

SimulatedPeople markers(int clients) {
  SimulatedPeople people;
  people.trainer = [clients](int client) -> Result<std::unique_ptr<Trainer>> {
    return std::make_unique<Marker>(static_cast<std::size_t>(client),
                                    static_cast<std::size_t>(clients));
  };
  people.samples = [](int client) { return 100.0 + client; };
  return people;
}

}  // namespace

TEST_CASE("200 clients with faults learn, and the run ends") {
  SimulateOptions options = rough(200, 15);
  options.samples = 30;
  options.epochs = 5;
  const auto report = run(options);
  CHECK(report.server.status == "done");
  CHECK(report.server.rounds == 15);
  REQUIRE(report.server.reports.size() == 15);
  const auto& last = report.server.reports.back();
  REQUIRE(last.central.has_value());
  CHECK(last.central->accuracy.value_or(0) > 0.8);
  CHECK(report.events.departures > 0);
  CHECK(report.events.dropouts > 0);
  CHECK(report.events.corrupted > 0);
  CHECK(report.events.resent > 0);
  CHECK(report.server.seconds > 15);
}

TEST_CASE("a seed gives the same report to the bit, another one another") {
  for (const StrategyKind kind :
       {StrategyKind::kFedAvg, StrategyKind::kNus, StrategyKind::kMedian}) {
    SimulateOptions options = rough(60, 6);
    options.strategy.kind = kind;
    const std::string first = simulation_json(run(options));
    CHECK(simulation_json(run(options)) == first);
    options.rules.seed = 2;
    CHECK(simulation_json(run(options)) != first);
  }
}

TEST_CASE("a private run is that of its seed, tells epsilon, and ends before its target") {
  SimulateOptions options = small(40, 50);
  options.rules.min_available = 40;
  options.rules.clients_per_round = 10;
  options.strategy.privacy.emplace();
  options.strategy.privacy->clip = 1;
  options.strategy.privacy->noise = 1.5;
  options.strategy.privacy->target_epsilon = 4;
  const auto report = run(options);
  CHECK(report.server.rounds > 1);
  CHECK(report.server.rounds < 50);
  CHECK(report.server.stop_reason.find("epsilon") != std::string::npos);
  REQUIRE(report.server.privacy.has_value());
  CHECK(report.server.privacy->sampling_rate == 0.25);
  CHECK(report.server.privacy->epsilon <= 4);
  double before = 0;
  for (const auto& round : report.server.reports) {
    REQUIRE(round.privacy.has_value());
    CHECK(round.privacy->epsilon > before);
    before = round.privacy->epsilon;
  }
  CHECK(simulation_json(run(options)) == simulation_json(report));
  options.rules.seed = 2;
  CHECK(simulation_json(run(options)) != simulation_json(report));
}

// Each client leaves its mark in the model, so the model itself is the ledger: whoever was merged
// twice in a round would have moved its element twice as far.
TEST_CASE("nothing is merged twice and nothing that was counted is lost, under all faults") {
  constexpr int kClients = 200;
  for (const std::uint64_t seed : {1, 2, 3}) {
    CAPTURE(seed);
    SimulateOptions options = rough(kClients, 12);
    options.rules.seed = seed;
    SimulatedPeople people = markers(kClients);
    std::vector<std::vector<double>> models;
    std::vector<Histories> histories;
    people.saved = [&](const RunState& state) {
      models.push_back(values_of(*state.model));
      histories.push_back(state.histories);
    };
    test::TestContext context;
    const auto report = simulate(options, people, context.context);
    REQUIRE(report);
    REQUIRE(models.size() == 13);  // the initial one, then one per round
    std::map<std::string, std::uint64_t> merged;
    for (std::size_t r = 0; r < 12; ++r) {
      const RoundReport& round = report->server.reports[r];
      const auto count = static_cast<double>(round.count(Fate::kMerged));
      REQUIRE(count > 0);
      std::set<std::string> names;
      for (const auto& row : round.clients) {
        CHECK(names.insert(row.client).second);  // asked once
        const std::size_t element = std::stoul(row.client) - 1;
        const double moved = models[r + 1][element] - models[r][element];
        CHECK(moved == doctest::Approx(row.fate == Fate::kMerged ? 1 / count : 0).epsilon(1e-4));
        merged[row.client] += row.fate == Fate::kMerged ? 1 : 0;
      }
      double all = 0;
      for (std::size_t i = 0; i < models[r].size(); ++i) {
        all += models[r + 1][i] - models[r][i];
      }
      CHECK(all == doctest::Approx(1).epsilon(1e-3));  // nobody else has moved it
    }
    for (const auto& [client, history] : histories.back()) {
      CHECK(history.merged == merged[client]);
      CHECK(history.merged <= history.selected);
    }
  }
}

TEST_CASE("late updates that are carried are counted, each in one round") {
  SimulateOptions options = rough(80, 10);
  options.rules.carry_late = true;
  options.rules.deadline = Time(3000);
  options.rules.min_results = 5;
  SimulatedPeople people = markers(80);
  Histories last;
  people.saved = [&](const RunState& state) { last = state.histories; };
  test::TestContext context;
  const auto report = simulate(options, people, context.context);
  REQUIRE(report);
  std::uint64_t told = 0;
  std::uint64_t carried = 0;
  for (const auto& round : report->server.reports) {
    told += round.count(Fate::kMerged) + round.carried;
    carried += round.carried;
  }
  std::uint64_t kept = 0;
  for (const auto& [client, history] : last) {
    kept += history.merged;
  }
  CHECK(carried > 0);
  CHECK(told == kept);
  CHECK(told <= report->events.trained);  // every merged update was one piece of work
}

TEST_CASE("bytes and time follow the links") {
  SimulateOptions options = small(10, 3);
  options.rules.min_available = 10;
  const auto fast = run(options);
  options.link.bandwidth_up /= 100;
  options.link.bandwidth_down /= 100;
  options.link.latency = Time(400);
  const auto thin = run(options);
  CHECK(thin.server.seconds > fast.server.seconds + 3 * 4 * 0.36);
  CHECK(thin.server.reports[0].bytes_down == fast.server.reports[0].bytes_down);
  options.rules.encoding = wire::UpdateEncoding::kInt8;
  const auto coded = run(options);
  CHECK(coded.server.reports[1].bytes_up < thin.server.reports[1].bytes_up / 2);
  CHECK(coded.server.seconds < thin.server.seconds);
}

TEST_CASE("a median survives poison that ruins the mean") {
  SimulateOptions options = small(40, 12);
  options.faults.poison = 0.3;
  const auto accuracy = [&](StrategyKind kind) {
    options.strategy.kind = kind;
    const auto report = run(options);
    CHECK(report.events.poisoned > 0);
    return report.server.reports.back().central->accuracy.value_or(0);
  };
  CHECK(accuracy(StrategyKind::kMedian) > accuracy(StrategyKind::kFedAvg) + 0.1);
}

TEST_CASE("a run that cannot end is told") {
  SimulateOptions options = small(3, 2);
  options.rules.min_available = 4;
  test::TestContext context;
  auto report = simulate(options, markers(3), context.context);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kFailed);
  CHECK(report.error().message.find("waiting for clients: 3 of 4") != std::string::npos);
  context.stop.raise(2);
  options.rules.min_available = 2;
  auto people = markers(3);
  int made = 0;
  people.trainer = [&made, trainer = people.trainer](int client) {
    ++made;
    return trainer(client);
  };
  CHECK(simulate(options, people, context.context).error().code == Errc::kUnavailable);
  CHECK(made == 0);  // thousands of clients take a while to be made
}

TEST_CASE("a simulation answers with one document") {
  const auto json = nlohmann::json::parse(simulation_json(run(small(4, 1))));
  CHECK(json.at("schema") == "marvel.fedl.simulation/1");
  CHECK(json.at("clients") == 4);
  CHECK(json.at("events").at("trained") == 4);
  CHECK(json.at("server").at("rounds").size() == 1);
}

}  // namespace marvel::federate
