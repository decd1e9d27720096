#include "config/json.hpp"
#include "vpn/node/simulator.hpp"
#include "vpn/node/survey_json.hpp"

namespace marvel::vpn {
namespace {

using namespace sim;

struct Pair {
  explicit Pair(std::uint64_t seed, NatKind kind = NatKind::kNone) : world(seed) {
    world.add_supernode();
    a = &world.add_edge("a", kind);
    b = &world.add_edge("b", kind);
    REQUIRE(world.net.run_until([this] { return world.settled(); }, seconds(10)));
  }
  // The survey of a, when it is done.
  const Survey& survey(std::vector<std::string> names, std::size_t largest = kLargestTrain) {
    a->edge->survey(world.net.now(), {std::move(names), largest});
    REQUIRE(world.net.run_until([this] { return a->edge->survey()->done(); }, seconds(60)));
    return *a->edge->survey();
  }
  void rates(double a_sends, double b_sends) {
    world.net.rate_of[a->inside] = a_sends;
    world.net.rate_of[b->inside] = b_sends;
  }

  World world;
  Machine* a = nullptr;
  Machine* b = nullptr;
};

constexpr double kMbit = 125'000;  // bytes per second

}  // namespace

TEST_CASE("an edge finds latency and both bandwidths of a path, whatever they are") {
  const std::vector<std::pair<double, double>> paths{
      {1, 20}, {20, 1}, {5, 5}, {100, 30}, {400, 1000}};
  for (std::uint64_t number = 0; number < 3 * paths.size(); ++number) {
    const auto [out, in] = paths[number / 3];
    CAPTURE(out);
    CAPTURE(in);
    Pair pair(800 + number % 3);
    pair.rates(out * kMbit, in * kMbit);
    const Survey& survey = pair.survey({"b"});
    REQUIRE(survey.entries.size() == 1);
    const PathFigures& figures = survey.entries[0].figures;
    CHECK(figures.path == PathFigures::Path::kDirect);
    REQUIRE(figures.out);
    REQUIRE(figures.in);
    // Text is 1404 of 1452 bytes; the simulator delays each packet by chance, 5 to 15 ms. The later
    // half of the largest train, 4 MB, takes 17 ms at 1 Gbit/s, so chance is most of that figure.
    const auto near = [](double rate) {
      return doctest::Approx(rate).epsilon(rate > 500 ? 0.3 : 0.15);
    };
    CHECK(*figures.out / kMbit == near(out));
    CHECK(*figures.in / kMbit == near(in));
    REQUIRE(figures.trips.size() == 10);
    const Duration median = figures.trips[5];
    CHECK(median > milliseconds(10));
    CHECK(median < milliseconds(50));
  }
}

TEST_CASE("a slow link is never filled for long") {
  Pair pair(801);
  pair.rates(1 * kMbit, 1 * kMbit);
  std::size_t sent = 0;
  pair.world.net.observer = [&](const Endpoint& from, const Endpoint&, Bytes bytes) {
    sent += from == pair.a->inside ? bytes.size() : 0;
  };
  pair.survey({"b"});
  CHECK(sent < 100'000);  // 0.8 s of this link, everything else included
}

TEST_CASE("a burst is no larger than was asked for") {
  Pair pair(802);
  std::size_t sent = 0;
  pair.world.net.observer = [&](const Endpoint& from, const Endpoint&, Bytes bytes) {
    sent += from == pair.a->inside ? bytes.size() : 0;
  };
  const Survey& survey = pair.survey({"b"}, std::size_t{64} << 10U);
  CHECK(survey.entries[0].figures.trips.size() == 10);
  CHECK(sent < 130'000);
}

TEST_CASE("relayed paths are measured, too, and are told to be relayed") {
  Pair pair(803, NatKind::kSymmetric);
  const Survey& survey = pair.survey({"b"});
  CHECK(survey.entries[0].figures.path == PathFigures::Path::kRelay);
  CHECK(survey.entries[0].figures.trips.size() == 10);
}

TEST_CASE("all members are measured when nobody is named, and who is not there has no figures") {
  Pair pair(804);
  Machine& c = pair.world.add_edge("c");
  REQUIRE(pair.world.net.run_until([&] { return c.edge->address() != 0; }, seconds(5)));
  const Survey& all = pair.survey({});
  REQUIRE(all.entries.size() == 2);
  CHECK(std::all_of(all.entries.begin(), all.entries.end(),
                    [](const SurveyEntry& one) { return one.figures.trips.size() == 10; }));
  const Survey& nobody = pair.survey({"nobody"});
  REQUIRE(nobody.entries.size() == 1);
  CHECK(nobody.entries[0].figures.path == PathFigures::Path::kNone);
  const auto lines = plain_from_json(survey_json(nobody, "a", 0));
  REQUIRE(lines);
  CHECK(*lines ==
        "schema\tmarvel.network/1\nlinks.0.from\ta\nlinks.0.to\tnobody\nlinks.0.latency_ms\t\n"
        "links.0.bandwidth_mbit_per_s\t\nlinks.0.loss\t\nlinks.0.path\tnone\n"
        "links.0.measured_at\t1970-01-01T00:00:00Z\nlinks.1.from\tnobody\nlinks.1.to\ta\n"
        "links.1.latency_ms\t\nlinks.1.bandwidth_mbit_per_s\t\nlinks.1.loss\t\nlinks.1.path\tnone\n"
        "links.1.measured_at\t1970-01-01T00:00:00Z\n");
}

TEST_CASE("a peer that does not answer ends the survey, without figures") {
  Pair pair(805);
  pair.survey({"b"});
  pair.b->on = false;
  const Survey& survey = pair.survey({"b"});
  CHECK(survey.entries[0].figures.trips.empty());
  CHECK_FALSE(survey.entries[0].figures.out);
}

TEST_CASE("who asks for trains again and again gets them at a bounded rate") {
  Pair pair(806);
  // One asks for less than the limit, as a survey waits for its answers.
  const std::vector<Machine*> askers{pair.a, &pair.world.add_edge("c", NatKind::kNone),
                                     &pair.world.add_edge("d", NatKind::kNone),
                                     &pair.world.add_edge("e", NatKind::kNone)};
  REQUIRE(pair.world.net.run_until([&] { return pair.world.settled(); }, seconds(10)));
  for (int at = 0; at < 10; ++at) {
    for (Machine* asker : askers) {
      asker->say(*pair.b, "hello");
    }
    pair.world.net.run(milliseconds(200));
  }
  std::size_t sent = 0;
  pair.world.net.observer = [&](const Endpoint& from, const Endpoint&, Bytes bytes) {
    sent += from == pair.b->inside ? bytes.size() : 0;
  };
  const Time begun = pair.world.net.now();
  for (int at = 0; at < 40; ++at) {
    for (Machine* asker : askers) {
      if (asker->edge->survey() == nullptr || asker->edge->survey()->done()) {
        asker->edge->survey(pair.world.net.now(), {{"b"}, kLargestTrain});
      }
    }
    pair.world.net.run(seconds(1));
  }
  const double passed = std::chrono::duration<double>(pair.world.net.now() - begun).count();
  CHECK(static_cast<double>(sent) < 1.2 * (kTrainBurst + kTrainRate * passed));
}

TEST_CASE("on any wire a survey comes to its end, and its figures are sane") {
  for (std::uint64_t seed = 0; seed < seeds(20); ++seed) {
    CAPTURE(seed);
    Pair pair(900 + seed);
    CounterRng rng(mix(seed));
    pair.rates((1 + rng.uniform() * 50) * kMbit, (1 + rng.uniform() * 50) * kMbit);
    pair.world.net.wire.loss = rng.uniform() * 0.2;
    pair.world.net.wire.twice = rng.uniform() * 0.1;
    pair.world.net.wire.damage = rng.uniform() * 0.05;
    const PathFigures& figures = pair.survey({"b"}).entries[0].figures;
    CHECK(figures.trips.size() <= 10);
    if (figures.out) {
      CHECK(*figures.out > 0);
      CHECK(*figures.out < 60 * kMbit);
    }
  }
}

}  // namespace marvel::vpn
