// A run on a virtual clock:
//   events   (time, order of making) -> something that happens, one after the other
//   clients  come and go, get messages after their time on the link, work, answer
//   server   the coordinator, told of links and answers as the hall tells it
// The clock jumps from one event to the next, so that time costs nothing.
#include "federate/simulate/simulate.hpp"

#include "federate/client/conversation.hpp"
#include "federate/options.hpp"
#include "federate/server/central_evaluation.hpp"
#include "federate/simulate/calendar.hpp"
#include "federate/simulate/fleet.hpp"
#include "federate/strategy/update.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

// Hundreds of faults are what was asked for: no warnings.
class CalmLog : public Log {
 public:
  explicit CalmLog(Log& log) : log_(log) {}
  void write(LogLevel level, std::string_view message) override {
    log_.write(std::max(level, LogLevel::kVerbose), message);
  }

 private:
  Log& log_;
};

// Coins and noise of a private run from its seed, so that it can be repeated. They protect nobody,
// and there is nobody to protect.
class SeededRandom : public SecretRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : random_(stream_key(seed, kPrivacy)) {}
  void fill(std::span<std::uint64_t> out) override {
    std::generate(out.begin(), out.end(), [this] { return random_.next(); });
  }

 private:
  static constexpr std::uint64_t kPrivacy = 76;  // random stream
  CounterRng random_;
};

class SimulatedJournal : public Journal {
 public:
  SimulatedJournal(const SimulatedPeople& people, Context& context)
      : people_(people), context_(context) {}

  Status save(const RunState& state, const std::vector<const Model*>& /*moments*/) override {
    if (people_.saved) {
      people_.saved(state);
    }
    return {};
  }
  Status note(const RunState& /*state*/, const std::vector<const Model*>& /*moments*/) override {
    return {};
  }
  Result<std::optional<EvaluationReport>> evaluate(const Model& model) override {
    if (!people_.evaluator) {
      return std::optional<EvaluationReport>();
    }
    MARVEL_TRY(auto report, evaluate_centrally(*people_.evaluator, model));
    return std::optional(report);
  }
  void report(const RoundReport& report) override {
    context_.progress.update(report.round, round_line(report));
  }

 private:
  const SimulatedPeople& people_;
  Context& context_;
};

struct Client {
  Client(Machine its_machine, std::unique_ptr<Trainer> its_trainer, const std::string& its_name)
      : name(its_name),
        machine(its_machine),
        trainer(std::move(its_trainer)),
        talk(*trainer, its_name) {}

  std::string name;
  Machine machine;
  std::unique_ptr<Trainer> trainer;
  Conversation talk;
  double samples = 1;  // of one epoch
  bool present = false;
  bool was_linked = false;
  SessionId session = 0;  // 0: no link
  std::int64_t trained_round = 0;
};

std::int64_t round_of_order(const wire::ServerMessage& message) {
  const auto* fit = std::get_if<wire::Fit>(&message);
  const auto found =
      fit == nullptr ? wire::Config::const_iterator() : fit->config.find("marvel.round");
  const bool told = fit != nullptr && found != fit->config.end();
  const auto* round = told ? std::get_if<std::int64_t>(&found->second) : nullptr;
  return round == nullptr ? 0 : *round;
}

class Simulation {
 public:
  Simulation(const SimulateOptions& options, const SimulatedPeople& people, Context& context)
      : options_(options),
        people_(people),
        context_(context),
        log_(context.log),
        journal_(people, context),
        strategy_(make_strategy(strategy_of(options),
                                std::make_unique<SeededRandom>(options.rules.seed))),
        coordinator_(options.rules, *strategy_, journal_, log_) {}

  Result<SimulationReport> run() {
    MARVEL_TRY_STATUS(gather());
    RunState state;
    state.run = fmt::format("simulation-{}", options_.rules.seed);
    MARVEL_TRY_STATUS(coordinator_.start(std::move(state)));
    context_.progress.begin("rounds", options_.rules.rounds);
    const Status passed = pass_time();
    context_.progress.end();
    MARVEL_TRY_STATUS(passed);
    return report();
  }

 private:
  static StrategyOptions strategy_of(const SimulateOptions& options) {
    StrategyOptions strategy = accounted(options.strategy, options.rules);
    strategy.spool = std::filesystem::temp_directory_path();
    return strategy;
  }

  Status gather();
  Status pass_time();
  Status let_happen();
  [[nodiscard]] SimulationReport report() const;

  void arrive(Client& client);
  void depart(Client& client);
  void connect(Client& client);
  void break_link(Client& client);
  void pump();
  void deliver(const Send& send);
  void lose(SessionId session);
  void plan_dropout(Client& client, SessionId session, Time span);
  void get(SessionId session, const wire::ServerMessage& message);
  void answer(SessionId session, const wire::ServerMessage& message);
  Bytes spoiled(Client& client, wire::FitResult update, const wire::Fit& order);
  void arrive_at_server(SessionId session, const Bytes& bytes);

  // Nothing once the link is no more.
  Client* behind(SessionId session) {
    const auto found = links_.find(session);
    return found == links_.end() ? nullptr : found->second;
  }
  void after(Time span, Calendar::Act act) { calendar_.plan(now_ + span, std::move(act)); }

  const SimulateOptions& options_;
  const SimulatedPeople& people_;
  Context& context_;
  CalmLog log_;
  SimulatedJournal journal_;
  std::unique_ptr<Strategy> strategy_;
  Coordinator coordinator_;
  Calendar calendar_;
  Time now_{0};
  std::vector<std::unique_ptr<Client>> clients_;
  std::map<SessionId, Client*> links_;
  SessionId last_session_ = 0;
  SimulatedEvents events_;
  std::optional<Error> failure_;  // of a client
};

Status Simulation::gather() {
  constexpr Time kApart{10};  // they do not all come in the same moment
  for (int i = 0; i < options_.clients; ++i) {
    if (context_.stop.raised()) {
      return fail(Errc::kUnavailable, "stopped");
    }
    MARVEL_TRY(auto trainer, people_.trainer(i));
    auto client =
        std::make_unique<Client>(Machine(options_, i), std::move(trainer), std::to_string(i + 1));
    client->samples = people_.samples ? people_.samples(i) : 1;
    Client& person = *client;
    clients_.push_back(std::move(client));
    const bool there = person.machine.always_there() || person.machine.there_at_first();
    calendar_.plan(kApart * i + (there ? Time(0) : person.machine.absence()),
                   [this, &person] { arrive(person); });
  }
  return {};
}

Status Simulation::pass_time() {
  const auto over = [this] { return coordinator_.done() && coordinator_.sessions() == 0; };
  while (!over()) {
    MARVEL_TRY_STATUS(let_happen());
    if (context_.stop.raised()) {
      return fail(Errc::kUnavailable, "stopped");
    }
    if (failure_) {
      return fail(*failure_);
    }
    if (now_ > options_.limit) {
      return fail(Errc::kFailed, fmt::format("the run does not end: {}", coordinator_.activity()),
                  "ask for fewer answers, or give a --round-deadline");
    }
  }
  if (const auto& failure = coordinator_.failure(); failure.has_value()) {
    return fail(failure.value());
  }
  return {};
}

// The next event, or the coordinator's own time.
Status Simulation::let_happen() {
  const auto wake = coordinator_.wake_at();
  if (calendar_.empty() && !wake) {
    return fail(Errc::kFailed, fmt::format("nothing happens any more: {}", coordinator_.activity()),
                "are there as many --clients as --min-available?");
  }
  if (wake && (calendar_.empty() || *wake <= calendar_.next())) {
    now_ = std::max(now_, *wake);
    coordinator_.tick(now_);
    pump();
    return {};
  }
  now_ = std::max(now_, calendar_.next());
  calendar_.take()();
  return {};
}

// --- clients on their links ---

void Simulation::arrive(Client& client) {
  client.present = true;
  connect(client);
  if (!client.machine.always_there()) {
    after(client.machine.stay(), [this, &client] { depart(client); });
  }
}

void Simulation::depart(Client& client) {
  ++events_.departures;
  client.present = false;
  break_link(client);
  after(client.machine.absence(), [this, &client] { arrive(client); });
}

void Simulation::connect(Client& client) {
  if (!client.present || client.session != 0 || client.talk.ended()) {
    return;
  }
  events_.reconnects += client.was_linked ? 1 : 0;
  client.was_linked = true;
  client.session = ++last_session_;
  links_[client.session] = &client;
  coordinator_.join(client.session, {client.name, "simulated", wire::Dialect::kModern, true}, now_);
  pump();
}

void Simulation::break_link(Client& client) {
  if (const SessionId session = std::exchange(client.session, 0); session != 0) {
    links_.erase(session);
    coordinator_.leave(session, now_);
    pump();
  }
}

// The coordinator has closed the link.
void Simulation::lose(SessionId session) {
  if (Client* client = behind(session)) {
    links_.erase(session);
    client->session = 0;
    after(client->machine.pause(), [this, client] { connect(*client); });
  }
}

void Simulation::pump() {
  for (const auto& output : coordinator_.take_outputs()) {
    if (const auto* send = std::get_if<Send>(&output)) {
      deliver(*send);
    } else {
      lose(std::get<Close>(output).session);
    }
  }
}

// --- one message on its way there and back ---

void Simulation::deliver(const Send& send) {
  Client* client = behind(send.session);
  if (client == nullptr) {
    return;
  }
  const Bytes bytes = wire::encode(send.message, wire::Dialect::kModern);
  const Time down = client->machine.down(bytes.size());
  if (std::holds_alternative<wire::Fit>(send.message)) {
    const double samples = client->samples * options_.epochs;
    plan_dropout(*client, send.session,
                 down + client->machine.work(samples) + client->machine.up(bytes.size()));
  }
  after(down, [this, session = send.session, bytes] {
    auto message = wire::decode_server(bytes, wire::Dialect::kModern);
    if (message) {
      get(session, *message);
    } else {
      failure_ = message.error();
    }
  });
}

void Simulation::plan_dropout(Client& client, SessionId session, Time span) {
  if (!client.machine.drops_out()) {
    return;
  }
  const Time when(
      static_cast<std::int64_t>(client.machine.share_of_way() * static_cast<double>(span.count())));
  after(when, [this, session] {
    if (Client* person = behind(session)) {
      ++events_.dropouts;
      break_link(*person);
      after(person->machine.pause(), [this, person] { connect(*person); });
    }
  });
}

void Simulation::get(SessionId session, const wire::ServerMessage& message) {
  Client* client = behind(session);
  if (client == nullptr) {
    return;
  }
  constexpr double kEvaluation = 3;  // times as fast as training
  double samples = 0;
  if (std::holds_alternative<wire::Evaluate>(message)) {
    samples = client->samples / kEvaluation;
  } else if (const auto round = round_of_order(message); round != client->trained_round) {
    samples = client->samples * options_.epochs;  // else the update is there already
  }
  after(client->machine.work(samples), [this, session, message] { answer(session, message); });
}

void Simulation::answer(SessionId session, const wire::ServerMessage& message) {
  Client* client = behind(session);
  if (client == nullptr) {
    return;
  }
  auto reply = client->talk.answer(message);
  if (!reply) {
    failure_ = reply.error();
    return;
  }
  Bytes bytes;
  if (auto* update = std::get_if<wire::FitResult>(&*reply)) {
    client->trained_round = round_of_order(message);
    bytes = spoiled(*client, std::move(*update), std::get<wire::Fit>(message));
  } else {
    bytes = wire::encode(*reply, wire::Dialect::kModern);
  }
  after(client->machine.up(bytes.size()),
        [this, session, bytes] { arrive_at_server(session, bytes); });
}

Bytes Simulation::spoiled(Client& client, wire::FitResult update, const wire::Fit& order) {
  if (client.machine.poisons()) {
    ++events_.poisoned;
    update.parameters = poisoned(update.parameters, order.parameters);
  }
  const Damage damage = client.machine.damage();
  events_.corrupted += damage == Damage::kNone ? 0 : 1;
  apply(damage, update.parameters);
  const Bytes bytes = wire::encode(wire::ClientMessage(std::move(update)), wire::Dialect::kModern);
  return damage == Damage::kCutOff ? bytes.sub(0, bytes.size() / 2) : bytes;
}

void Simulation::arrive_at_server(SessionId session, const Bytes& bytes) {
  if (behind(session) == nullptr) {
    return;
  }
  const auto message = wire::decode_client(bytes, wire::Dialect::kModern);
  if (message) {
    coordinator_.receive(session, *message, bytes.size(), now_);
  } else {
    coordinator_.receive_damaged(session, message.error(), now_);
  }
  pump();
}

SimulationReport Simulation::report() const {
  constexpr double kPerSecond = 1000;
  SimulationReport found;
  found.seed = options_.rules.seed;
  found.clients = options_.clients;
  found.events = events_;
  for (const auto& client : clients_) {
    found.events.trained += client->talk.tally().trained;
    found.events.resent += client->talk.tally().resent;
  }
  const RunState& state = coordinator_.state();
  found.server.status = "done";
  found.server.run = state.run;
  found.server.strategy = strategy_names()[static_cast<std::size_t>(options_.strategy.kind)];
  found.server.stop_reason = coordinator_.stop_reason();
  found.server.rounds = state.round;
  found.server.parameters = state.model ? model_elements(*state.model) : 0;
  found.server.seconds = static_cast<double>(now_.count()) / kPerSecond;
  found.server.reports = coordinator_.reports();
  found.server.privacy = state.privacy;
  return found;
}

}  // namespace

Result<SimulationReport> simulate(const SimulateOptions& options, const SimulatedPeople& people,
                                  Context& context) {
  MARVEL_TRY_STATUS(validate(options));
  Simulation simulation(options, people, context);
  return simulation.run();
}

std::string simulation_json(const SimulationReport& report) {
  const auto& events = report.events;
  using Json = nlohmann::ordered_json;
  const Json json{{"schema", "marvel.fedl.simulation/1"},
                  {"seed", report.seed},
                  {"clients", report.clients},
                  {"events",
                   {{"departures", events.departures},
                    {"dropouts", events.dropouts},
                    {"corrupted", events.corrupted},
                    {"poisoned", events.poisoned},
                    {"trained", events.trained},
                    {"resent", events.resent},
                    {"reconnects", events.reconnects}}},
                  {"server", Json::parse(server_json(report.server))}};
  return json.dump(1) + "\n";
}

}  // namespace marvel::federate
