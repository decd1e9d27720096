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

// A moment on a clock that never goes back; what its zero is does not matter. The hall gives it the
// steady clock, a simulation its virtual one.
using Time = std::chrono::milliseconds;

// When a round begins and ends, and whom it asks. A round has two numbers of answers: with the
// wanted ones (clients_per_round, or all idle clients) it ends at once, and with the quorum
// (min_results, or 80 % of the wanted, rounded up, and one at least) it ends at its deadline, or
// when nobody is left to wait for. With 10 clients, clients_per_round 5 and over_selection 0.3
// seven are asked, five answers end the round, and four are enough at the deadline.
//
// A strategy that draws by coins (Strategy::draws_by_coins) has its own number of clients and no
// quorum, and a secure sum has a threshold in its place.
struct RoundRules {
  // In all: those before a resume are included.
  std::uint64_t rounds = 3;
  // Clients that must be there before a round begins. Those that are still busy with an earlier
  // round are counted, too, but at least min_results of them must be idle, and one in any case (two
  // for a secure sum).
  std::size_t min_available = 2;
  std::size_t clients_per_round = 0;  // asked for and merged; 0: all that are there
  double over_selection = 0;  // share asked in excess, [0, 10]; the round ends with enough answers
  // Answers without which a round never ends, but as void when others were refused and nobody is
  // left who could help; 0: 80 % of the wanted ones, and when nobody is left to ask one is enough.
  std::size_t min_results = 0;
  // From then on the quorum is enough; counted from the questions of a round, of its evaluation and
  // of each stage of a secure sum. None: 10 times the slowest answer so far, and least_patience at
  // least. When it comes with too few answers others are asked, and the clock begins anew.
  std::optional<Time> deadline;
  // A client whose link broke is waited for so long. Then it is given up, but still taken back when
  // it comes before the round ends.
  Time rejoin_grace{5000};
  // Merge late updates into the round that trains when they come, or into the next one, unless it
  // has asked the same client. Off: they are dropped. While no round trains two are kept at most.
  bool carry_late = false;
  // The server learns only the sum of updates, of secure::kMostClients per round at most: where
  // more are wanted, so many are drawn.
  bool secure = false;
  bool secure_uniform = false;  // of secure sums: all count alike, not by their examples
  // Asked to evaluate the new model, drawn from those that are idle then; 0: as many as the round
  // wanted answers.
  std::size_t evaluate_clients = 0;
  bool evaluate = true;  // by clients; the server's own evaluation is the journal's
  // End after so many rounds without a better loss; 0: never. What counts is the server's own
  // evaluation, and where there is none that of the clients.
  std::uint64_t stop_after = 0;
  std::optional<double> target_accuracy;  // end when an evaluation reaches it, (0, 1]
  Time initial_patience{60000};           // for a client's initial model, without a deadline
  Time least_patience{3600000};           // for answers, without a deadline
  wire::UpdateEncoding encoding = wire::UpdateEncoding::kNone;  // of clients that can
  double keep = 0.01;                                           // share that kTopK sends, (0, 1]
  // Of the draws of clients, for training and for evaluation. A private strategy asks for training
  // by secret coins instead.
  std::uint64_t seed = 1;
  double secure_threshold = 0.6;  // share of a round's clients without which it is void, (0.5, 1]
};

// kUsage, naming the flag and the allowed range. What the rules must not be together with a
// strategy is checked by validate(ServerOptions) in options.hpp.
Status validate(const RoundRules& rules);

// All that a run needs to go on after the process has died. It is saved between two rounds; a round
// that was under way is run again, from the model of the one before.
struct RunState {
  // Name of the run, new with every start from nothing. With the round's number it names an update,
  // so that a client may answer from memory.
  std::string run;
  std::uint64_t round = 0;  // finished ones
  // Null until there is one. Never changed in place: messages on their way to clients read it.
  std::shared_ptr<const Model> model;
  // The strategy's. Only for start(): while a run goes on the strategy has them.
  std::vector<Model> moments;
  // By client: of those that are there, and of those with a name that were asked before.
  Histories histories;
  std::optional<PrivacyReport> privacy;   // account of the rounds so far
  std::optional<double> best_loss;        // of the evaluations so far
  std::uint64_t best_round = 0;           // where it was measured
  std::uint64_t judged_round = 0;         // of the newest evaluation; 0: there was none
  std::optional<double> accuracy;         // that it found, [0, 1]
  std::optional<RoundReport> unreported;  // the last round, until its evaluation is over
  std::vector<RoundReport> reports;       // of the rounds so far, for start()
};

// Where finished rounds are kept. The disk as the coordinator sees it; a test's journal is a few
// lines.
//
// Calls come from the coordinator, so one at a time and within its own calls, in this order:
//   accept, save                    the first model, from a client or from outside
//   save, evaluate, report, note    each round; note only if somebody has evaluated
// A run that goes on begins with accept, and with what the process before has left to do.
//
// An error of save, note, accept or evaluate ends the run and becomes Coordinator::failure();
// start() also returns it. The coordinator does nothing else in the meantime, so what takes long
// here holds up all clients.
class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  // Must be on disk when it returns, because the model is released to clients right after. `state`
  // has the newest model, and in `unreported` the report of the round that made it; `moments` are
  // the strategy's and live for this call. kUnavailable when the disk is full.
  virtual Status save(const RunState& state, const std::vector<const Model*>& moments) = 0;
  // What an evaluation has changed in the state that was saved last: all but its models.
  virtual Status note(const RunState& state, const std::vector<const Model*>& moments) = 0;
  // Whether the run may begin, or go on, with this model; an error ends it. Gets the model at its
  // first size, as Strategy::whole gives it.
  virtual Status accept(const Model& model) {
    (void)model;
    return {};
  }
  // Evaluates a new model on data of the server's own, where it has any. An error ends the run.
  virtual Result<std::optional<EvaluationReport>> evaluate(const Model& model) {
    (void)model;
    return std::optional<EvaluationReport>();
  }
  // A round has ended with everything, its evaluation included. For people and logs. What cannot be
  // kept is no reason to end the run.
  virtual void report(const RoundReport& report) = 0;
  // Whether it has all of what report() got in a file. Then the coordinator forgets what it needs
  // no more of it: NUS's factors.
  [[nodiscard]] virtual bool keeps_reports() const { return false; }
};

// One link of a client. From 1 on, chosen by the caller and never used twice: a client that comes
// back has a new one.
using SessionId = std::uint64_t;

// What is known of a client when it joins, from its certificate and the metadata of its call.
struct SessionInfo {
  // A name that stays over reconnects; empty: not known. One that is not UTF-8, longer than 256
  // bytes or holds control characters counts as none.
  std::string name;
  std::string peer;  // address, for clients without a name
  wire::Dialect dialect = wire::Dialect::kModern;
  bool encodes = false;  // it can send encoded updates
  bool secure = false;   // it can take part in a secure sum
  // Of the client's process, drawn by itself. While a client with a name and a token is there, a
  // link with the same name is only taken with the same token. None, or empty: another link may
  // replace it.
  std::optional<std::string> token = std::nullopt;
};

// What the coordinator wants done: a message for one client, which the caller encodes in its
// dialect, or the end of a stream.
struct Send {
  SessionId session = 0;
  wire::ServerMessage message;
};
// Why the coordinator ends a stream.
enum class Farewell {
  kDone,      // the client has said goodbye, or does not have to: the run is over
  kReplaced,  // another link came with the same name
  kTaken,     // the name is that of a client that is there, and of another process
  kRefused,   // its messages cannot be read, or are no answers to what it was asked
  kInsecure,  // it cannot take part in secure sums, and there are no others
  kStopping,  // the server cannot go on; a later one will
};
// Ends a stream, after what was sent to it before. For the coordinator the session is over already.
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
// One that comes back while its round waits for it is asked again with the same round and run in
// the settings ("marvel.round", "marvel.run"), and a name is merged once per round, so a client
// may answer from memory and nothing is merged twice.
//
// Used by one thread at a time. `strategy`, `journal` and `log` must outlive it.
//
// How it is used, by the hall and by the simulation alike:
//
//   MARVEL_TRY_STATUS(coordinator.start(state));
//   on each event: join, leave, receive or tick, with the time of now
//   after each:    for (auto& output : coordinator.take_outputs()) { send or close }
//   between:       sleep until wake_at(), then tick
//   until:         done(), and nobody is there or awaited()
//
// A run goes through these phases (ServerSnapshot::phase has words for them):
//
//   idle -> initial           no model yet: one client after the other is asked for it
//        -> (probe) -> fit    enough clients are there; a probe only where the strategy wants it
//        -> evaluate -> idle  the next model is made and saved, and clients measure it
//        -> done              the last round, an early end, or a failure
//
// Cost: an answer is checked and added up within receive(), one or two passes over the model; the
// last one of a round also makes the next model and waits for the journal. The rest is small, and
// grows with the number of clients. Memory is the model, what the strategy keeps, one history per
// client, and the reports of all rounds: a row for each client that one has asked, and where the
// journal does not keep them one for each that NUS chose from. Updates are not kept.
class Coordinator {
 public:
  // `rules` must be valid, and are copied.
  Coordinator(const RoundRules& rules, Strategy& strategy, Journal& journal, Log& log);

  // Before anything else. `state` without a model: a client is asked for the initial one. Errors
  // are the strategy's (kInput: moments or an account of privacy that do not fit) and the
  // journal's. A state that has all its rounds already is done with the first event or tick.
  Status start(RunState state);

  // `id` is new and not 0. A client that cannot take part, or whose name is another's, is closed at
  // once. One that was asked in the round under way and has not answered is asked again, unless
  // others have been drawn without it in the meantime.
  void join(SessionId id, const SessionInfo& info, Time now);
  // The link broke. The round waits rejoin_grace for the client. Unknown ids are no trouble.
  void leave(SessionId id, Time now);
  // `bytes` is the size of the message. Answers of unknown sessions are dropped, and one that does
  // not belong to the question ends its link. What is wrong with an answer that does belong to it
  // costs the client its place in the round, not its link.
  void receive(SessionId id, const wire::ClientMessage& message, std::size_t bytes, Time now);
  // A message that could not be read. Its link is closed, and the log says why.
  void receive_damaged(SessionId id, const Error& error, Time now);
  // Looks what has become due. Calls that come too early or too often change nothing.
  void tick(Time now);
  // Ends the run, for reasons that only the caller knows: no memory, a mistake of ours. `error`
  // becomes failure(), and all links are closed. A run that is done stays as it has ended.
  void abort(Error error, Time now);
  // Closes the links of clients that are still busy after the end of the run.
  void dismiss(Time now);

  // What is to be done since the last call, in order. Each is given once. They may be carried out
  // later, on another thread and without a lock: models in them are shared, and nobody changes
  // those.
  std::vector<Output> take_outputs();
  // When tick() is due at the latest; none: not before something happens. May be in the past.
  [[nodiscard]] std::optional<Time> wake_at() const;

  // All rounds are done or the run has failed; clients have been told.
  [[nodiscard]] bool done() const { return phase_ == Phase::kDone; }
  // Why the run has failed; done() holds then, too. Clients are not sent home after a failure: a
  // server that is resumed will need them.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  // Named clients that were asked to train, whose link broke in the last two rounds and that do not
  // know of the run's end. Who waits for them at the end lets them hear of it when they come back.
  // 0 after a failure.
  [[nodiscard]] std::size_t awaited() const;
  // As of the last finished round, with histories as of now. Its moments and reports are empty; the
  // strategy and reports() have them.
  [[nodiscard]] const RunState& state() const { return state_; }
  // Of all rounds, those before a resume included as far as its state had them. Without factors
  // where the journal keeps them.
  [[nodiscard]] const std::vector<RoundReport>& reports() const { return reports_; }
  // Why the run has ended before its last round; empty when it has not.
  [[nodiscard]] const std::string& stop_reason() const { return stop_reason_; }
  // "round 3: 2 of 5 answers", "waiting for clients: 1 of 2, 1 idle".
  [[nodiscard]] std::string activity() const;
  // All that it knows now; the caller adds what it does not know: the strategy's name, totals.
  // Costs a copy of the last round's report and a row per known client.
  [[nodiscard]] ServerSnapshot snapshot(Time now) const;

 private:
  // What the run does.
  enum class Phase { kIdle, kInitial, kProbe, kFit, kEvaluate, kDone };
  // What a client has been asked and has not answered yet. A late answer still finds its question
  // here, also when the phase is another one by then.
  enum class Pending { kNothing, kParameters, kFit, kEvaluate, kEnd };

  // One link. `key` is the client's name, or its address ("ipv4:10.0.0.7", "ipv4:10.0.0.7#2" for
  // the next one behind it) until it tells a name in its metrics.
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
  // A client of the round under way, from its question to the end of the round, whatever becomes of
  // its link. Kept by the session's key.
  struct Asked {
    ClientReport report;
    Time since{0};
    std::optional<Time> lost;    // its link broke then
    bool overdue = false;        // the round no longer waits for it, but may still take its answer
    std::optional<double> norm;  // size of its update, where it told that first
    bool upload = false;         // it was drawn to send the update itself
    bool passed_over = false;    // the draw has come before a word of it
    bool again = false;          // it was refused and asked once more
    bool named = true;           // as of its session
  };

  // Who is there (coordinator.cpp). find() gives null, session_of() 0 for none.
  Session* find(SessionId session);
  [[nodiscard]] SessionId session_of(const std::string& key) const;
  // A client whose answer the round under way lacks has a new link.
  void welcome_back(SessionId id, Asked& asked, Time now);
  // Whether the fresh link gets the name of the old one; says goodbye to the other.
  bool may_replace(SessionId old, const Session& fresh, SessionId id, Time now);
  // Connected and asked nothing, by name.
  [[nodiscard]] std::vector<std::string> idle_clients() const;
  void send(SessionId id, wire::ServerMessage message, Pending pending, Time now);
  // From an address to the name that the client tells, where nobody else has it.
  void rename(SessionId id, const wire::Config& metrics);
  [[nodiscard]] bool claims_another(SessionId id, const wire::Config& metrics) const;
  void pass_over_silent(Time now);
  void drop_session(SessionId id, Time now);
  void note_away(SessionId id);
  void forget_long_away();
  void forget(const std::string& key, bool named);
  // Steps until nothing changes any more. Called at the end of each event, so that between two
  // calls from outside nothing is left to do.
  void advance(Time now);
  bool step(Time now);

  // Beginning a run and a round (coordinator.cpp, coordinator_initial.cpp).
  bool begin_anything(Time now);
  bool ask_for_model(Time now);
  void take_model(SessionId id, const wire::ParametersResult& result);

  // Training (coordinator_fit.cpp).
  void begin_fit(Time now);
  void draw_clients(Time now);
  Selection draw(std::span<const std::string> from, const Histories& histories, std::size_t wanted);
  void ask_fit(const Pick& pick, Time now);
  void send_fit(SessionId id, Time now);
  void add_encoding(SessionId id, wire::Config& config);
  void take_fit(SessionId id, const wire::FitResult& result, std::size_t bytes, Time now);
  void take_late(const std::string& key, const wire::FitResult& result);
  void carry(const std::string& key, const wire::FitResult& result);
  void tell_dropped(const std::string& key);
  void refuse(const std::string& key, const std::string& why);
  // Encoded updates as .npy files again; others as they are.
  [[nodiscard]] Result<wire::Parameters> plain_parameters(const std::string& key,
                                                          const wire::Parameters& parameters) const;
  // kInput, saying why, for an update that does not fit, kUnavailable for one that cannot be kept:
  // then the round is as if it had not come.
  Status merge(const std::string& key, const wire::FitResult& result, double inclusion);
  void note_merged(const std::string& key, const Update& update, const wire::FitResult& result);
  void count_merge(const std::string& key);
  [[nodiscard]] bool is_counted(const std::string& key) const;
  // For a round that turns out to be void: takes the merges out of histories and report.
  void undo_merges();
  bool end_fit_if_due(Time now);
  // Always true, as what step() answers when something has changed.
  bool finish_round(Time now);
  Status make_next_model();
  // What the mean is over (coordinator_examples.cpp). A client that has not told its examples
  // counts as the mean of those that have.
  [[nodiscard]] double registered_examples() const;
  [[nodiscard]] double present_examples() const;
  // Merged ones and those without examples.
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
  bool ask_all_to_train(Time now);
  void take_size(const std::string& key, const wire::FitResult& result, Time now);
  bool end_reports_if_due(Time now);
  bool wait_for_reports(Time now, std::size_t waiting);
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

  // Evaluation by clients, and the end of a round (coordinator_evaluate.cpp).
  void begin_evaluate(Time now);
  void take_evaluation(SessionId id, const wire::EvaluateResult& result, std::size_t bytes);
  bool end_evaluate_if_due(Time now);
  void remember(RoundReport report);
  void close_report();

  // The server's own evaluation and what follows from it (coordinator_stop.cpp).
  void catch_up();
  void evaluate_centrally();
  void judge();
  void stop_early();

  // For administrators (coordinator_snapshot.cpp).
  [[nodiscard]] std::string phase_name() const;
  [[nodiscard]] ClientState client_state(const std::string& key) const;
  [[nodiscard]] ClientSnapshot client_snapshot(const std::string& key, const ClientHistory& history,
                                               Time now) const;

  // Ends of the run.
  void fail_run(Error error);
  void end_run();
  void say_goodbye(Time now);

  RoundRules rules_;
  Strategy& strategy_;
  Journal& journal_;
  Log& log_;
  RunState state_;
  Phase phase_ = Phase::kIdle;
  // Links, and by a client's key which of them is its own. Each session is in both.
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
  std::map<std::string, wire::FitResult> late_;  // for the next round, with carry_late
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
