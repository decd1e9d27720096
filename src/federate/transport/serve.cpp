// A server's life:
//   1. prepare   options -> strategy, state (fresh, from a file, or resumed)
//   2. listen    the port, the hall, the coordinator
//   3. wait      until the last round or a signal; threads of gRPC do the work
//   4. goodbye   clients get some time to go by themselves
#include "federate/transport/serve.hpp"

#include "base/random.hpp"
#include "federate/array/npz.hpp"
#include "federate/server/checkpoint.hpp"
#include "federate/server/hall.hpp"
#include "federate/transport/grpc_server.hpp"

#include <chrono>
#include <cstdio>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <malloc.h>

namespace marvel::federate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{200};  // between two looks at the stop flag
constexpr std::chrono::seconds kGoodbye{10};     // for clients that still train at the end

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Checkpoint, lines of JSON, and the terminal.
class RunJournal : public Journal {
 public:
  RunJournal(const ServerOptions& options, Trainer* evaluator, Context& context)
      : evaluator_(evaluator),
        checkpoint_(options.checkpoint,
                    strategy_names()[static_cast<std::size_t>(options.strategy.kind)]),
        keeps_(!options.checkpoint.empty()),
        context_(context) {}

  Status open(const ServerOptions& options) {
    if (keeps_) {
      MARVEL_TRY_STATUS(checkpoint_.prepare(options.resume));
    }
    if (!options.rounds_out.empty()) {
      lines_.reset(std::fopen(options.rounds_out.c_str(), options.resume ? "ae" : "we"));
      if (!lines_) {
        return fail(Errc::kInput, fmt::format("cannot write '{}'", options.rounds_out));
      }
    }
    return {};
  }
  [[nodiscard]] Result<std::optional<RunState>> load() const {
    return keeps_ ? checkpoint_.load() : Result<std::optional<RunState>>(std::nullopt);
  }
  [[nodiscard]] std::string model_path() const {
    return keeps_ ? checkpoint_.model_path().string() : "";
  }

  Status save(const RunState& state, const std::vector<const Model*>& moments) override {
    return keeps_ ? checkpoint_.save(state, moments) : Status{};
  }
  void report(const RoundReport& report) override {
    context_.progress.milestone(round_line(report));
    context_.progress.update(report.round, "");
    if (lines_) {
      // Losing a line is no reason to lose the run; the end says so.
      broken_ = std::fputs((round_json(report) + "\n").c_str(), lines_.get()) < 0 ||
                std::fflush(lines_.get()) != 0 || broken_;
    }
    ::malloc_trim(0);  // messages of a whole round have just been freed
  }
  [[nodiscard]] bool broken() const { return broken_; }

  Result<std::optional<EvaluationReport>> evaluate(const Model& model) override {
    if (evaluator_ == nullptr) {
      return std::optional<EvaluationReport>();
    }
    MARVEL_TRY(const Evaluated found, evaluator_->evaluate(model, {}));
    EvaluationReport report;
    report.examples = static_cast<std::uint64_t>(found.examples);
    report.loss = found.loss;
    if (const auto accuracy = found.metrics.find("accuracy"); accuracy != found.metrics.end()) {
      const auto* value = std::get_if<double>(&accuracy->second);
      report.accuracy = value != nullptr ? std::optional(*value) : std::nullopt;
    }
    return std::optional(report);
  }

 private:
  Trainer* evaluator_;  // may be null: there is no data
  Checkpoint checkpoint_;
  bool keeps_;
  Context& context_;
  std::unique_ptr<std::FILE, CloseFile> lines_;
  bool broken_ = false;
};

// A name that no other run has.
std::string new_run_name() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

Result<RunState> first_state(const ServerOptions& options, const RunJournal& journal,
                             Context& context) {
  if (options.resume) {
    MARVEL_TRY(auto saved, journal.load());
    if (saved) {
      context.log.info(
          fmt::format("going on after round {} of {}", saved->round, options.rules.rounds));
      return std::move(*saved);
    }
    context.log.warning(
        fmt::format("no run in '{}' yet: starting from the beginning", options.checkpoint));
  }
  RunState state;
  state.run = new_run_name();
  if (!options.initial.empty()) {
    MARVEL_TRY(Model model, load_npz(options.initial));
    state.model = std::make_shared<const Model>(std::move(model));
  }
  return state;
}

// Whether the run came to its end; false when a stop was asked for.
bool wait_for_end(Hall& hall, Context& context) {
  std::optional<Clock::time_point> patience;
  while (hall.wait(kLook)) {
    if (context.stop.raised()) {  // during the goodbyes all is done
      return hall.with([](const Coordinator& coordinator) { return coordinator.done(); });
    }
    // Under the hall's lock, because rounds are reported under it from other threads.
    const bool done = hall.with([&context](const Coordinator& coordinator) {
      context.progress.update(coordinator.state().round, coordinator.activity());
      return coordinator.done();
    });
    if (done && !patience) {
      patience = Clock::now() + kGoodbye;
    }
    if (patience && Clock::now() > *patience) {
      hall.dismiss();  // "no more work", even to clients that are still busy with the last round
      break;
    }
  }
  return true;
}

ServerReport report_of(const ServerOptions& options, const Coordinator& coordinator) {
  ServerReport report;
  const RunState& state = coordinator.state();
  report.run = state.run;
  report.strategy = strategy_names()[static_cast<std::size_t>(options.strategy.kind)];
  report.stop_reason = coordinator.stop_reason();
  report.rounds = state.round;
  report.parameters = state.model ? model_elements(*state.model) : 0;
  report.reports = coordinator.reports();
  report.privacy = state.privacy;
  return report;
}

Result<ServerReport> run(const ServerOptions& options, Strategy& strategy, RunJournal& journal,
                         Context& context) {
  const auto started = Clock::now();
  MARVEL_TRY(RunState state, first_state(options, journal, context));
  RoundRules rules = options.rules;
  rules.secure_uniform = options.strategy.uniform;
  Coordinator coordinator(rules, strategy, journal, context.log);
  MARVEL_TRY_STATUS(coordinator.start(std::move(state)));
  Hall hall(coordinator);
  bool finished = false;
  {
    MARVEL_TRY(const auto server, GrpcServer::open(options, hall));
    hall.with([&](const Coordinator& /*locked*/) {
      context.log.info(fmt::format("listening on port {}", server->port()));
      context.progress.begin("rounds", options.rules.rounds);
    });
    finished = wait_for_end(hall, context);
  }  // no thread of gRPC is left from here on
  context.progress.end();
  if (const auto& failure = coordinator.failure(); failure.has_value()) {
    return fail(failure.value());
  }
  if (journal.broken()) {
    context.log.warning(
        fmt::format("'{}' lacks rounds: the disk refused them", options.rounds_out));
  }
  ServerReport report = report_of(options, coordinator);
  report.status = finished ? "done" : "interrupted";
  report.model_path = journal.model_path();
  report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return report;
}

}  // namespace

Result<ServerReport> serve(const ServerOptions& options, Trainer* evaluator, Context& context) {
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY_STATUS(secure::prepare());
  RunJournal journal(options, evaluator, context);
  MARVEL_TRY_STATUS(journal.open(options));
  const auto strategy = make_strategy(strategy_of(options));
  return run(options, *strategy, journal, context);
}

}  // namespace marvel::federate
