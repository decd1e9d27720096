#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "federate/secure/secure_round.hpp"
#include "federate/server/round_report.hpp"
#include "federate/server/snapshot.hpp"
#include "federate/strategy/strategy.hpp"
#include "federate/wire/message.hpp"
#include "federate/wire/update_encoding.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace marvel::federate {

// A moment on a clock that never goes back; what its zero is does not matter.
using Time = std::chrono::milliseconds;

struct RoundRules {
  std::uint64_t rounds = 3;
  std::size_t min_available = 2;      // clients that must be there before a round begins
  std::size_t clients_per_round = 0;  // asked for and merged; 0: all that are there
  double over_selection = 0;          // share asked in excess; the round ends with enough answers
  std::size_t min_results = 0;        // answers without which a round never ends; 0: 80 % of them
  std::optional<Time> deadline;       // from then on min_results are enough; none: 10 times the
                                      // slowest answer so far, and least_patience at least
  Time rejoin_grace{5000};            // a client whose link broke is waited for so long
  bool carry_late = false;            // merge late updates into the round that is under way
  bool secure = false;                // the server learns only the sum of updates
  bool secure_uniform = false;        // all count alike, not by their examples
  std::size_t evaluate_clients = 0;   // asked to evaluate the new model; 0: as many as trained
  bool evaluate = true;
  std::uint64_t stop_after = 0;  // end after so many rounds without a better loss; 0: never
  std::optional<double> target_accuracy;  // end when an evaluation reaches it, (0, 1]
  Time initial_patience{60000};           // for a client's initial model, without a deadline
  Time least_patience{3600000};           // for answers, without a deadline
  wire::UpdateEncoding encoding = wire::UpdateEncoding::kNone;  // of clients that can
  double keep = 0.01;                                           // share that kTopK sends, (0, 1]
  std::uint64_t seed = 1;
  double secure_threshold = 0.6;  // share of a round's clients without which it is void, (0.5, 1]
};

// kUsage, naming the flag and the allowed range.
Status validate(const RoundRules& rules);

// All that a run needs to go on after the process has died.
struct RunState {
  std::string run;          // name of the run, new with every start from nothing
  std::uint64_t round = 0;  // finished ones
  std::shared_ptr<const Model> model;
  std::vector<Model> moments;
  Histories histories;
  std::optional<PrivacyReport> privacy;   // account of the rounds so far
  std::optional<double> best_loss;        // of the evaluations so far
  std::uint64_t best_round = 0;           // where it was measured
  std::uint64_t judged_round = 0;         // of the newest evaluation; 0: there was none
  std::optional<double> accuracy;         // that it found, [0, 1]
  std::optional<RoundReport> unreported;  // the last round, until its evaluation is over
  std::vector<RoundReport> reports;       // of the rounds so far, for start()
};

// Where finished rounds are kept.
class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  // Must be on disk when it returns, because the model is released to clients right after.
  virtual Status save(const RunState& state, const std::vector<const Model*>& moments) = 0;
  // What an evaluation has changed in the state that was saved last: all but its models.
  virtual Status note(const RunState& state, const std::vector<const Model*>& moments) = 0;
  // Whether the run may begin, or go on, with this model; an error ends it.
  virtual Status accept(const Model& model) {
    (void)model;
    return {};
  }
  // Evaluates a new model on data of the server's own, where it has any. An error ends the run.
  virtual Result<std::optional<EvaluationReport>> evaluate(const Model& model) {
    (void)model;
    return std::optional<EvaluationReport>();
  }
  // A round has ended with everything, its evaluation included. For people and logs.
  virtual void report(const RoundReport& report) = 0;
};

using SessionId = std::uint64_t;

struct SessionInfo {
  std::string name;  // a name that stays over reconnects; empty: not known
  std::string peer;  // address, for clients without a name
  wire::Dialect dialect = wire::Dialect::kModern;
  bool encodes = false;  // it can send encoded updates
  bool secure = false;   // it can take part in a secure sum
  // Of the client's process, drawn by itself.
  std::optional<std::string> token = std::nullopt;
};

// What the coordinator wants done.
struct Send {
  SessionId session = 0;
  wire::ServerMessage message;
};
// Why the coordinator ends a stream.
enum class Farewell {
  kDone,      // the client has said goodbye
  kReplaced,  // another link came with the same name
  kTaken,     // the name is that of a client that is there, and of another process
  kRefused,   // its messages cannot be read
  kInsecure,  // it cannot take part in secure sums, and there are no others
  kStopping,  // the server cannot go on; a later one will
};
struct Close {  // leave() must not be called for it
  SessionId session = 0;
  Farewell why = Farewell::kDone;
};
using Output = std::variant<Send, Close>;

// The server without its network: who is there, whose turn it is, what becomes of answers. Time
// and events come in, messages go out; the same events in the same order give the same run (up to
// the last bits of sums, which follow the order of arrival).
//
// A round: choose clients, send them the model, merge each answer as it arrives, end by the rules,
// make the next model, keep it in the journal, let clients evaluate it. Clients are known by name.
// One that comes back in the round it was asked in is asked again with the same round and run in
// the settings ("marvel.round", "marvel.run"), and a name is merged once per round, so a client
// may answer from memory and nothing is merged twice.
//
// Used by one thread at a time. `strategy`, `journal` and `log` must outlive it.
class Coordinator {
 public:
  Coordinator(const RoundRules& rules, Strategy& strategy, Journal& journal, Log& log);

  // Before anything else. `state` without a model: a client is asked for the initial one.
  Status start(RunState state);

  void join(SessionId id, const SessionInfo& info, Time now);
  void leave(SessionId id, Time now);
  // `bytes` is the size of the message.
  void receive(SessionId id, const wire::ClientMessage& message, std::size_t bytes, Time now);
  // A message that could not be read.
  void receive_damaged(SessionId id, const Error& error, Time now);
  void tick(Time now);
  // Ends the run, for reasons that only the caller knows: no memory, a mistake of ours.
  void abort(Error error, Time now);
  // Closes the links of clients that are still busy after the end of the run.
  void dismiss(Time now);

  // What is to be done since the last call, in order.
  std::vector<Output> take_outputs();
  // When tick() is due at the latest; none: not before something happens.
  [[nodiscard]] std::optional<Time> wake_at() const;

  // All rounds are done or the run has failed; clients have been told.
  [[nodiscard]] bool done() const { return phase_ == Phase::kDone; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  // Named clients whose link broke in the last two rounds and that do not know of the run's end.
  [[nodiscard]] std::size_t awaited() const;
  [[nodiscard]] const RunState& state() const { return state_; }
  // Of all rounds, those before a resume included as far as its state had them.
  [[nodiscard]] const std::vector<RoundReport>& reports() const { return reports_; }
  // Why the run has ended before its last round; empty when it has not.
  [[nodiscard]] const std::string& stop_reason() const { return stop_reason_; }
  // "round 3: 2 of 5 answers", "waiting for clients: 1 of 2".
  [[nodiscard]] std::string activity() const;
  // All that it knows now; the caller adds what it does not know: the strategy's name, totals.
  [[nodiscard]] ServerSnapshot snapshot(Time now) const;

 private:
  enum class Phase { kIdle, kInitial, kProbe, kFit, kEvaluate, kDone };
  enum class Pending { kNothing, kParameters, kFit, kEvaluate, kEnd };

  struct Session {
    std::string key;
    bool named = false;  // by itself, not by its address
    wire::Dialect dialect = wire::Dialect::kModern;
    Pending pending = Pending::kNothing;
    std::uint64_t round = 0;    // of the pending request
    Time since{0};              // when that was made
    bool cannot_offer = false;  // has no initial parameters
    bool encodes = false;
    std::string token;
  };
  struct Asked {
    ClientReport report;
    Time since{0};
    std::optional<Time> lost;    // its link broke then
    bool overdue = false;        // the round no longer waits for it, but may still take its answer
    std::optional<double> norm;  // size of its update, where it told that first
    bool upload = false;         // it was drawn to send the update itself
    bool again = false;          // it was refused and asked once more
    bool named = true;           // as of its session
  };

  Session* find(SessionId session);
  [[nodiscard]] SessionId session_of(const std::string& key) const;
  bool may_replace(SessionId old, const Session& fresh, SessionId id, Time now);
  [[nodiscard]] std::vector<std::string> idle_clients() const;
  void send(SessionId id, wire::ServerMessage message, Pending pending, Time now);
  void rename(SessionId id, const wire::Config& metrics);
  std::string author_of(SessionId id, const wire::Config& metrics);
  void pass_over_silent(Time now);
  void drop_session(SessionId id, Time now);
  void note_away(SessionId id);
  void forget(const std::string& key, bool named);
  void advance(Time now);
  bool step(Time now);

  bool begin_anything(Time now);
  bool ask_for_model(Time now);
  void take_model(SessionId id, const wire::ParametersResult& result);

  void begin_fit(Time now);
  void draw_clients(Time now);
  Selection draw(std::span<const std::string> from, const Histories& histories, std::size_t wanted);
  void ask_fit(const Pick& pick, Time now);
  void send_fit(SessionId id, Time now);
  void add_encoding(SessionId id, wire::Config& config);
  void take_fit(SessionId id, const wire::FitResult& result, std::size_t bytes, Time now);
  void take_late(const std::string& key, const wire::FitResult& result);
  void refuse(const std::string& key, const std::string& why);
  [[nodiscard]] Result<wire::Parameters> plain_parameters(const wire::Parameters& parameters) const;
  Status merge(const std::string& key, const wire::FitResult& result, double inclusion);
  void note_merged(const std::string& key, const Update& update, const wire::FitResult& result);
  void count_merge(const std::string& key);
  void undo_merges();
  bool end_fit_if_due(Time now);
  bool finish_round(Time now);
  Status make_next_model();
  [[nodiscard]] double registered_examples() const;
  [[nodiscard]] double present_examples() const;
  [[nodiscard]] std::size_t answers() const;

  // Waiting (coordinator_wait.cpp).
  [[nodiscard]] Time limit() const;
  void start_clock(Time now);
  void note_time(Time took);
  bool is_late(Time now, std::size_t there);
  [[nodiscard]] std::size_t outstanding(Time now);
  void let_others_help(Time now, std::size_t there);
  bool top_up(Time now, std::size_t missing);
  bool ask_refused_again(Time now);
  bool end_with_nobody_left(Time now, std::size_t there);
  void warn_stuck(Time now, std::size_t there);

  // Clients tell something before the draw (coordinator_ask_first.cpp).
  bool begin_probe(Time now);
  bool end_probe_if_due(Time now);
  void ask_all_to_train(Time now);
  void take_size(const std::string& key, const wire::FitResult& result, Time now);
  bool end_reports_if_due(Time now);
  void draw_uploads(Time now);
  void ask_upload(const Pick& pick, Time now);

  // Rounds by secure sums (coordinator_secure.cpp).
  [[nodiscard]] bool can_take_part(const SessionInfo& info) const;
  void begin_secure(const Selection& selection, Time now);
  void ask_secure(Time now);
  void send_secure(SessionId id, Time now);
  void take_secure(const std::string& key, const wire::FitResult& result, std::size_t bytes,
                   Time now);
  [[nodiscard]] std::size_t outstanding_secure(Time now);
  bool end_secure_if_due(Time now);
  void merge_secure();

  void begin_evaluate(Time now);
  void take_evaluation(SessionId id, const wire::EvaluateResult& result, std::size_t bytes);
  bool end_evaluate_if_due(Time now);
  void close_report();

  void catch_up();
  void evaluate_centrally();
  void judge();
  void stop_early();

  [[nodiscard]] std::string phase_name() const;
  [[nodiscard]] ClientState client_state(const std::string& key) const;
  [[nodiscard]] ClientSnapshot client_snapshot(const std::string& key, const ClientHistory& history,
                                               Time now) const;

  void fail_run(Error error);
  void end_run();
  void say_goodbye(Time now);

  RoundRules rules_;
  Strategy& strategy_;
  Journal& journal_;
  Log& log_;
  RunState state_;
  Phase phase_ = Phase::kIdle;
  std::map<SessionId, Session> sessions_;
  std::map<std::string, SessionId> by_key_;
  std::map<std::string, std::uint64_t> away_;  // named clients; rounds finished when they went
  std::vector<Output> outputs_;
  std::optional<Error> failure_;
  std::string stop_reason_;
  std::vector<RoundReport> reports_;

  // The round under way.
  RoundReport report_;
  std::map<std::string, Asked> asked_;
  std::set<std::string> authors_;                // of the answers that count, by the name they tell
  std::unique_ptr<secure::SecureRound> secure_;  // of a round under way that is one
  std::string void_;                             // why the round has merged nothing
  std::vector<std::pair<std::string, std::uint64_t>>
      counted_;             // clients merged, and when they were before
  std::size_t target_ = 0;  // answers that end the round at once
  std::size_t quorum_ = 0;
  std::uint64_t draws_ = 0;  // selections in this round, for their random keys
  std::size_t added_ = 0;    // updates in the strategy
  bool reporting_ = false;   // all train and tell the size of their update; the draw comes later
  Time round_began_{0};
  Time clock_began_{0};
  std::optional<Time> due_;
  Time slowest_{0};              // answer of this process
  std::optional<Time> warn_at_;  // again that nobody is left to ask

  // The evaluation under way.
  std::map<std::string, SessionId> evaluating_;
  std::set<std::string> fresh_;  // clients whose loss is that of the model as it is
  double loss_sum_ = 0;
  double examples_sum_ = 0;
  double accuracy_sum_ = 0;
  double accuracy_examples_ = 0;
};

}  // namespace marvel::federate
