// A server's life:
//   1. prepare   options -> strategy, state (fresh, from a file, or resumed)
//   2. listen    the port, the hall, the coordinator
//   3. wait      until the last round or a signal; threads of gRPC do the work
//   4. goodbye   clients get some time to go by themselves
#include "federate/transport/serve.hpp"

#include "base/random.hpp"
#include "federate/array/npz.hpp"
#include "federate/server/central_evaluation.hpp"
#include "federate/server/checkpoint.hpp"
#include "federate/server/hall.hpp"
#include "federate/server/lookout.hpp"
#include "federate/server/round_log.hpp"
#include "federate/strategy/weighted_sum.hpp"
#include "federate/transport/descriptors.hpp"
#include "federate/transport/grpc_server.hpp"

#include <chrono>
#include <cstdio>
#include <optional>
#include <random>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <malloc.h>

namespace marvel::federate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{200};  // between two looks at the stop flag
constexpr std::chrono::seconds kBetweenCopies{
    5};  // of the model, where rounds are faster than that

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Checkpoint, lines of JSON, and the terminal.
class RunJournal : public Journal {
 public:
  RunJournal(const ServerOptions& options, CentralEvaluator* evaluator, Context& context)
      : evaluator_(evaluator),
        checkpoint_(options.checkpoint,
                    strategy_names()[static_cast<std::size_t>(options.strategy.kind)]),
        keeps_(!options.checkpoint.empty()),
        context_(context) {}

  // The checkpoint first: files of a server that has it already must not be touched. The lines of
  // JSON are only opened here: until begin() they may be those of a server that has the port.
  Status open(const ServerOptions& options) {
    if (keeps_) {
      MARVEL_TRY(lock_, checkpoint_.prepare(options.resume));
    }
    if (!options.rounds_out.empty()) {
      lines_.reset(std::fopen(options.rounds_out.c_str(), "ae"));
      begins_anew_ = !options.resume;
      if (!lines_) {
        return fail(Errc::kInput, fmt::format("cannot write '{}'", options.rounds_out));
      }
    }
    return {};
  }
  // The port is ours and the state is there, so the lines of a run before may go. Under the hall's
  // lock.
  void begin() {
    begun_ = true;
    if (lines_ && begins_anew_) {
      // A pipe or a terminal has nothing to cut.
      [[maybe_unused]] const int cut = ::ftruncate(::fileno(lines_.get()), 0);
    }
    write_lines(std::exchange(early_, {}));
  }
  // Also gives the lines of JSON those rounds that a crash has kept from them.
  [[nodiscard]] Result<std::optional<RunState>> load(const std::string& rounds_out) const {
    if (!keeps_) {
      return std::optional<RunState>();
    }
    MARVEL_TRY(auto saved, checkpoint_.load());
    MARVEL_TRY_STATUS(checkpoint_.repair());
    if (saved) {
      checkpoint_.copy_model(saved->round);  // a process that was killed may not have come to it
    }
    if (saved && !rounds_out.empty()) {
      MARVEL_TRY_STATUS(RoundLog(rounds_out).complete(saved->reports));
    }
    return saved;
  }
  [[nodiscard]] std::string model_path() const {
    return keeps_ ? checkpoint_.model_path().string() : "";
  }

  Status save(const RunState& state, const std::vector<const Model*>& moments) override {
    if (!keeps_) {
      return {};
    }
    // Of a large model the copy costs as much as its arrival. What has moments may not lag behind
    // them: they tell what its parts mean.
    const auto now = Clock::now();
    const bool with_copy = !moments.empty() || now - copied_ >= kBetweenCopies;
    MARVEL_TRY_STATUS(checkpoint_.save(state, moments, with_copy));
    copied_ = with_copy ? now : copied_;
    uncopied_ = with_copy ? std::nullopt : std::optional(state.round);
    return {};
  }
  Status note(const RunState& state, const std::vector<const Model*>& moments) override {
    return keeps_ ? checkpoint_.note(state, moments.size()) : Status{};
  }
  void report(const RoundReport& report) override {
    totals_.add(report);
    context_.progress.milestone(round_line(report));
    context_.progress.update(report.round, "");
    // Losing a line is no reason to lose the run; the end says so.
    if (keeps_) {
      unkept_.push_back(report);
      keep_reports();
    }
    const std::string line = round_json(report) + "\n";
    if (begun_) {
      write_lines(line);
    } else {
      early_ += line;
    }
    ::malloc_trim(0);  // messages of a whole round have just been freed
  }
  [[nodiscard]] bool keeps_reports() const override { return keeps_; }
  // What is left to do: model.npz, and a last try for reports that wait for room on the disk.
  // Says what is lost.
  void close() {
    if (uncopied_) {
      checkpoint_.copy_model(*uncopied_);
    }
    keep_reports();
    if (!unkept_.empty()) {
      context_.log.warning(
          fmt::format("reports of {} rounds were not kept: {}", unkept_.size(), why_unkept_));
    }
    if (lines_broken_) {
      context_.log.warning("lines are missing in --metrics-out: the disk refused them");
    }
  }
  // Under the hall's lock, as all that the coordinator calls.
  [[nodiscard]] const ServerTotals& totals() const { return totals_; }

  Status accept(const Model& model) override {
    return evaluator_ != nullptr ? evaluator_->prepare(model) : Status{};
  }
  Result<std::optional<EvaluationReport>> evaluate(const Model& model) override {
    if (evaluator_ == nullptr) {
      return std::optional<EvaluationReport>();
    }
    MARVEL_TRY(auto report, evaluator_->evaluate(model));
    return std::optional(report);
  }

 private:
  void write_lines(const std::string& lines) {
    if (lines_) {
      lines_broken_ = std::fputs(lines.c_str(), lines_.get()) < 0 ||
                      std::fflush(lines_.get()) != 0 || lines_broken_;
    }
  }
  // Oldest first, so that the file has them in order.
  void keep_reports() {
    while (!unkept_.empty()) {
      if (auto kept = checkpoint_.report(unkept_.front()); !kept) {
        if (why_unkept_.empty()) {
          context_.log.warning(fmt::format("the report of round {} waits for room: {}",
                                           unkept_.front().round, kept.error().message));
        }
        why_unkept_ = std::move(kept.error().message);
        return;
      }
      unkept_.erase(unkept_.begin());
      why_unkept_.clear();
    }
  }

  CentralEvaluator* evaluator_;  // may be null: there is no data
  Checkpoint checkpoint_;
  FolderLock lock_;  // of the checkpoint's folder, to the end
  bool keeps_;
  Context& context_;
  std::unique_ptr<std::FILE, CloseFile> lines_;
  bool lines_broken_ = false;
  bool begins_anew_ = false;
  bool begun_ = false;
  std::string early_;                // lines from before begin()
  std::vector<RoundReport> unkept_;  // finished rounds that rounds.jsonl lacks
  std::string why_unkept_;
  Clock::time_point copied_;               // when model.npz was renewed
  std::optional<std::uint64_t> uncopied_;  // the round whose model it is not yet
  ServerTotals totals_;
};

// A name that no other run has.
std::string new_run_name() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

Result<RunState> first_state(const ServerOptions& options, const RunJournal& journal,
                             Context& context) {
  if (options.resume) {
    MARVEL_TRY(auto saved, journal.load(options.rounds_out));
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
    if (model.empty() || !all_finite(model)) {
      return fail(
          Errc::kInput,
          fmt::format("'{}' cannot be the initial model: {}", options.initial,
                      model.empty() ? "it has no tensors" : "it holds numbers that are not finite"),
          "give --initial another file, or leave it out to begin with a client's model");
    }
    state.model = std::make_shared<const Model>(std::move(model));
  }
  return state;
}

// What is seen from outside.
class View {
 public:
  View(const ServerOptions& options, const RunJournal& journal, Hall& hall)
      : strategy_(strategy_names()[static_cast<std::size_t>(options.strategy.kind)]),
        journal_(journal),
        hall_(hall) {}

  // Under the hall's lock.
  [[nodiscard]] ServerSnapshot of(const Coordinator& coordinator) const {
    ServerSnapshot snapshot = coordinator.snapshot(Hall::now());
    snapshot.strategy = strategy_;
    snapshot.totals = journal_.totals();
    snapshot.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    return snapshot;
  }
  // For the one thread that answers. Others must not wait while a large model is finished.
  ServerSnapshot look() {
    constexpr std::chrono::milliseconds kPatience{300};
    const bool fresh = hall_.try_with(
        kPatience, [this](const Coordinator& coordinator) { last_ = of(coordinator); });
    last_.stale = !fresh;
    return last_;
  }
  // Before that thread begins.
  void prepare() {
    hall_.with([this](const Coordinator& coordinator) { last_ = of(coordinator); });
  }

 private:
  std::string strategy_;
  const RunJournal& journal_;
  Hall& hall_;
  Clock::time_point started_ = Clock::now();
  ServerSnapshot last_;
};

// The live line and what stands below it.
class Screen {
 public:
  Screen(const View& view, const ServerHost& host, Context& context)
      : view_(view), host_(host), context_(context) {}

  // Under the hall's lock, because rounds are reported under it from other threads.
  void draw(const Coordinator& coordinator) {
    constexpr std::chrono::milliseconds kPanel{300};
    if (host_.panel && Clock::now() >= next_) {
      panel_ = host_.panel(view_.of(coordinator));
      next_ = Clock::now() + kPanel;
    }
    context_.progress.update(coordinator.state().round,
                             coordinator.activity() + (panel_.empty() ? "" : "\n" + panel_));
  }

 private:
  const View& view_;
  const ServerHost& host_;
  Context& context_;
  std::string panel_;
  Clock::time_point next_;
};

// Says once why clients cannot come in.
class DescriptorWarning {
 public:
  DescriptorWarning(const GrpcServer& server, Context& context)
      : server_(server), context_(context) {}

  void look() {
    if (!said_ && server_.short_of_descriptors()) {
      said_ = true;
      context_.log.warning(
          "too many connections for this process's file descriptors: new ones are closed; raise "
          "the limit (ulimit -n)");
    }
  }

 private:
  const GrpcServer& server_;
  Context& context_;
  bool said_ = false;
};

// Whether the run came to its end; false when a stop was asked for.
bool wait_for_end(Hall& hall, Screen& screen, DescriptorWarning& descriptors,
                  std::chrono::milliseconds goodbye, const Context& context) {
  std::optional<Clock::time_point> patience;
  while (hall.wait(kLook)) {
    if (context.stop.raised()) {  // during the goodbyes all is done
      return hall.with([](const Coordinator& coordinator) { return coordinator.done(); });
    }
    const bool done = hall.with([&](const Coordinator& coordinator) {
      descriptors.look();
      screen.draw(coordinator);
      return coordinator.done();
    });
    if (done && !patience) {
      patience = Clock::now() + goodbye;
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

// The control socket is for convenience where nobody has asked for it: without it the run goes on.
Status open_lookout(Lookout& lookout, const ServerOptions& options, Context& context) {
  auto opened = lookout.open(control_place(options.checkpoint, options.control), options.metrics);
  const bool asked_for = !options.control.empty() || !options.metrics.empty();
  if (!opened && !asked_for && opened.error().code != Errc::kConflict) {
    context.log.warning("marvel fedl status will not see this server: " + opened.error().message);
    return {};
  }
  return opened;
}

Result<ServerReport> run(const ServerOptions& options, Strategy& strategy, RunJournal& journal,
                         const ServerHost& host, Context& context) {
  const auto started = Clock::now();
  Lookout lookout;
  MARVEL_TRY_STATUS(open_lookout(lookout, options, context));
  MARVEL_TRY(RunState state, first_state(options, journal, context));
  RoundRules rules = options.rules;
  rules.secure_uniform = options.strategy.uniform;
  Coordinator coordinator(rules, strategy, journal, context.log);
  MARVEL_TRY_STATUS(coordinator.start(std::move(state)));
  Hall hall(coordinator);
  View view(options, journal, hall);
  Screen screen(view, host, context);
  bool finished = false;
  {
    MARVEL_TRY(const auto server, GrpcServer::open(options, hall));
    hall.with([&](const Coordinator& /*locked*/) {
      journal.begin();
      context.log.info(fmt::format("listening on port {}", server->port()));
      if (lookout.metrics_port() > 0) {
        context.log.info(fmt::format("metrics on port {}", lookout.metrics_port()));
      }
      context.progress.begin("rounds", options.rules.rounds);
    });
    view.prepare();
    lookout.start([&view] { return view.look(); });
    DescriptorWarning descriptors(*server, context);
    finished = wait_for_end(hall, screen, descriptors, options.goodbye, context);
    lookout.stop();
  }  // no thread but this one is left from here on
  context.progress.end();
  journal.close();
  if (const auto& failure = coordinator.failure(); failure.has_value()) {
    return fail(failure.value());
  }
  ServerReport report = report_of(options, coordinator);
  report.status = finished ? "done" : "interrupted";
  report.model_path = journal.model_path();
  report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return report;
}

}  // namespace

Result<ServerReport> serve(const ServerOptions& options, const ServerHost& host, Context& context) {
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY_STATUS(secure::prepare());
  raise_descriptor_limit();
  RunJournal journal(options, host.evaluator, context);
  MARVEL_TRY_STATUS(journal.open(options));
  const auto strategy = make_strategy(strategy_of(options));
  return run(options, *strategy, journal, host, context);
}

}  // namespace marvel::federate
