// UNITY_ALONE: the fixture of its neighbours has a Hall, too.
#include "federate/server/hall.hpp"

#include "federate/model_builder.hpp"
#include "federate/wire/message_fields.hpp"
#include "federate/wire/protobuf.hpp"
#include "support/fakes.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

struct NoJournal : Journal {
  Status note(const RunState& /*state*/, const std::vector<const Model*>& /*moments*/) override {
    return {};
  }
  Status save(const RunState& /*state*/, const std::vector<const Model*>& /*moments*/) override {
    return {};
  }
  void report(const RoundReport& /*report*/) override {}
};

// A stream whose client is a thread of the test.
class QueueLink : public Link {
 public:
  void send(const wire::ServerMessage& message) override {
    const std::scoped_lock lock(mutex_);
    messages_.push_back(message);
    changed_.notify_all();
  }
  void close(Farewell /*why*/) override {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  // The next message; nothing once the stream is closed.
  std::optional<wire::ServerMessage> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !messages_.empty(); });
    if (messages_.empty()) {
      return std::nullopt;
    }
    auto message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }
  bool closed() {
    const std::scoped_lock lock(mutex_);
    return closed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<wire::ServerMessage> messages_;
  bool closed_ = false;
};

// Adds `step` to the model in each round until the server says goodbye.
void take_part(Hall& hall, const std::string& name, double step) {
  constexpr auto kDialect = wire::Dialect::kModern;
  const auto link = std::make_shared<QueueLink>();
  const auto id = hall.join(link, {name, "test", kDialect});
  while (const auto message = link->next()) {
    wire::ClientMessage answer = wire::Disconnect{1};
    if (const auto* fit = std::get_if<wire::Fit>(&*message)) {
      Model model = *decode_parameters(fit->parameters);
      for (auto& value : std::get<std::vector<double>>(model[0].values)) {
        value += step;
      }
      answer = wire::FitResult{{}, test_models::parameters_of(std::move(model)), 1, {}};
    } else if (std::holds_alternative<wire::Evaluate>(*message)) {
      answer = wire::EvaluateResult{{}, 1.0F, 1, {}};
    }
    hall.receive(id, wire::encode(answer, kDialect), kDialect);
  }
}

// A message whose name for its type of tensors is longer than any memory.
[[maybe_unused]] Bytes endless_message() {
  static const std::string start(64, 'x');
  Bytes text;
  text.append({std::string_view(start.data(), std::size_t{1} << 62U), nullptr});
  wire::FieldWriter parameters;
  parameters.message(2, text);
  wire::FieldWriter result;
  result.message(of(wire::kParameters, wire::Dialect::kModern), parameters.finish());
  wire::FieldWriter message;
  message.message(of(wire::kFitResult, wire::Dialect::kModern), result.finish());
  return message.finish();
}

}  // namespace

TEST_CASE("eight clients on threads of their own finish a run together") {
  const auto strategy = make_strategy({});
  NoJournal journal;
  test::CaptureLog log;
  RoundRules rules;
  rules.rounds = 20;
  rules.min_available = 8;
  Coordinator coordinator(rules, *strategy, journal, log);
  RunState state;
  state.model = std::make_shared<const Model>(test_models::model_of({0, 0}));
  REQUIRE(coordinator.start(std::move(state)).has_value());
  Hall hall(coordinator);
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&hall, i] { take_part(hall, "client-" + std::to_string(i), i); });
  }
  while (hall.wait(std::chrono::milliseconds(50))) {
  }
  clients.clear();  // joins them
  CHECK(coordinator.state().round == 20);
  CHECK((*coordinator.state().model)[0].at(1) == doctest::Approx(20 * 3.5));
}

TEST_CASE("the hall is not left before a client whose link is down knows of the end") {
  constexpr auto kDialect = wire::Dialect::kModern;
  const auto strategy = make_strategy({});
  NoJournal journal;
  test::CaptureLog log;
  RoundRules rules;
  rules.rounds = 1;
  rules.min_available = 2;
  rules.evaluate = false;
  Coordinator coordinator(rules, *strategy, journal, log);
  RunState state;
  state.model = std::make_shared<const Model>(test_models::model_of({0}));
  REQUIRE(coordinator.start(std::move(state)).has_value());
  Hall hall(coordinator);
  SessionInfo info{"a", "test", kDialect};
  info.token = "1";
  const auto answer = wire::encode(
      wire::FitResult{{}, test_models::parameters_of(test_models::model_of({1})), 1, {}}, kDialect);
  const auto a = hall.join(std::make_shared<QueueLink>(), info);
  const auto b = hall.join(std::make_shared<QueueLink>(), {"b", "test", kDialect});
  hall.receive(a, answer, kDialect);
  hall.leave(a);
  hall.receive(b, answer, kDialect);
  const auto goodbye = wire::encode(wire::Disconnect{1}, kDialect);
  hall.receive(b, goodbye, kDialect);
  CHECK(hall.wait(std::chrono::milliseconds(1)));
  hall.receive(hall.join(std::make_shared<QueueLink>(), info), goodbye, kDialect);
  CHECK_FALSE(hall.wait(std::chrono::milliseconds(1)));
}

TEST_CASE("a client that breaks the network's rules is refused") {
  const auto strategy = make_strategy({});
  NoJournal journal;
  test::CaptureLog log;
  Coordinator coordinator({}, *strategy, journal, log);
  REQUIRE(coordinator.start({}).has_value());
  Hall hall(coordinator);
  const auto client = std::make_shared<QueueLink>();
  const auto id = hall.join(client, {"a", "test", wire::Dialect::kModern});
  hall.refuse(id, {Errc::kInput, "it shouts", "", {}});
  CHECK(client->closed());
  CHECK(hall.with([](const Coordinator& c) { return c.sessions(); }) == 0);
}

TEST_CASE("a link that is gone is forgotten, and unknown ones are no trouble") {
  const auto strategy = make_strategy({});
  NoJournal journal;
  test::CaptureLog log;
  RoundRules rules;
  Coordinator coordinator(rules, *strategy, journal, log);
  REQUIRE(coordinator.start({}).has_value());
  Hall hall(coordinator);
  const auto client = std::make_shared<QueueLink>();
  hall.leave(77);
  hall.receive(77, Bytes::from("x"), wire::Dialect::kModern);
  const auto id = hall.join(client, {"a", "test", wire::Dialect::kModern});
  hall.receive(id, Bytes::from("\xff\xff"), wire::Dialect::kModern);
  CHECK(client->closed());
  CHECK(hall.with([](const Coordinator& c) { return c.sessions(); }) == 0);
}

// Sanitizers end the program where memory is short, instead of throwing.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("what is thrown while a message is read ends the run and reaches no network library") {
  const auto strategy = make_strategy({});
  NoJournal journal;
  test::CaptureLog log;
  Coordinator coordinator({}, *strategy, journal, log);
  REQUIRE(coordinator.start({}).has_value());
  Hall hall(coordinator);
  const auto client = std::make_shared<QueueLink>();
  const auto id = hall.join(client, {"a", "test", wire::Dialect::kModern});
  CHECK_NOTHROW(hall.receive(id, endless_message(), wire::Dialect::kModern));
  CHECK(client->closed());
  CHECK(coordinator.failure().has_value());
}
#endif

TEST_CASE("what is thrown within ends the run and reaches no network library") {
  struct Throwing : NoJournal {
    Status save(const RunState& /*state*/, const std::vector<const Model*>& /*moments*/) override {
      throw std::bad_alloc();
    }
  };
  const auto strategy = make_strategy({});
  Throwing journal;
  test::CaptureLog log;
  RoundRules rules;
  rules.rounds = rules.min_available = 1;
  Coordinator coordinator(rules, *strategy, journal, log);
  REQUIRE(coordinator.start({}).has_value());
  Hall hall(coordinator);
  const auto client = std::make_shared<QueueLink>();
  const auto id = hall.join(client, {"a", "test", wire::Dialect::kModern});
  const wire::ParametersResult offer{{}, test_models::parameters_of(test_models::model_of({1}))};
  hall.receive(id, wire::encode(offer, wire::Dialect::kModern), wire::Dialect::kModern);
  CHECK(client->closed());
  REQUIRE(coordinator.failure().has_value());
  CHECK(coordinator.failure()->code == Errc::kUnavailable);
}

}  // namespace marvel::federate
