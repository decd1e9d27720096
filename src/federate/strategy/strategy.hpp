#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/privacy/noise.hpp"
#include "federate/privacy/options.hpp"
#include "federate/strategy/dynhp.hpp"
#include "federate/strategy/history.hpp"
#include "federate/strategy/nus.hpp"
#include "federate/strategy/server_optimizer.hpp"
#include "federate/strategy/update.hpp"
#include "federate/wire/message.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::federate {

// How updates become the next model, by --strategy. Up to kFedAdagrad all are a weighted mean and a
// step of the server's optimizer towards it (server_optimizer.hpp), so code may compare with it;
// kFedProx is FedAvg whose clients are pulled towards the server's model. kMedian to kKrum look at
// all updates of a round together (robust.hpp).
enum class StrategyKind {
  kFedAvg,
  kFedAvgM,
  kFedProx,
  kFedAdam,
  kFedYogi,
  kFedAdagrad,
  kMedian,
  kTrimmedMean,
  kKrum,
  kNus,
  kDynHp,
};

// The words of --strategy, in the order of StrategyKind.
[[nodiscard]] const std::vector<std::string>& strategy_names();

// An empty optional means Flower's default for that strategy: server_lr 1 for FedAvgM and NUS, 0.01
// for FedYogi, 0.1 for FedAdam and FedAdagrad; tau 1e-3 for FedYogi and 1e-9 for the others. Values
// of other strategies than the chosen one are checked all the same, and not used.
struct StrategyOptions {
  StrategyKind kind = StrategyKind::kFedAvg;
  bool uniform = false;             // plain mean of the clients (the seed's 4.2.1), not by examples
  std::optional<double> server_lr;  // > 0
  double momentum = 0;              // of FedAvgM, [0, 1)
  double beta1 = 0.9;               // [0, 1)
  double beta2 = 0.99;              // [0, 1)
  std::optional<double> tau;        // > 0
  bool adam_bias_correction = false;
  double proximal_mu = 0.01;  // of FedProx, >= 0; sent to clients, who must honour it
  double trim = 0.2;          // share cut at each end, [0, 0.5)
  int byzantine = 0;          // f of Krum: wrong clients that are expected, >= 0
  int keep = 1;               // models that Krum averages, >= 1; above 1 it is Multi-Krum
  // Of kNus and kDynHp alone.
  NusOptions nus;
  DynHpOptions dynhp;
  std::optional<PrivacyOptions> privacy;  // of means and their optimisers only
  std::filesystem::path spool = ".";      // folder for updates that are kept on disk
};

// kUsage, naming the flag and the allowed range. Privacy is refused for strategies other than means
// of clients that are drawn without regard to their data: the account would be wrong.
Status validate(const StrategyOptions& options);

// Who is asked to train, by the keys of Histories, in the order in which they were `present`.
struct Pick {
  std::string client;
  double inclusion = 1;  // probability with which it was drawn
};
struct Selection {
  std::vector<Pick> picks;
  std::vector<NusFactors> factors;  // why, where the strategy has reasons
};

// What comes before the draw of a round's clients. The two that ask first cost a message to each
// client that is asked and back, and a pause until enough have answered.
enum class Asking {
  kDrawFirst,   // nothing
  kProbeFirst,  // clients tell the loss of the model as it is
  kTrainFirst,  // all train and tell the size of their update; the drawn send it
};

// What is known of an update beside its numbers.
struct Contribution {
  std::uint64_t examples = 0;  // > 0
  double inclusion = 1;        // as in Pick
  double response = 1;         // probability that the client answers when asked, (0, 1]
  std::string client;          // key of its history
};

struct RoundFacts {
  std::uint64_t round = 1;      // from 1
  double all_examples = 0;      // of all registered clients, asked or not
  double present_examples = 0;  // of those that were there when clients were drawn
};

// How clients are chosen and how their updates become the next model. One round is begin, any
// number of add, finish. Used by one thread at a time.
//
// The coordinator owns the round and calls, with the same `global` throughout:
//   begin(global)
//   choose(present, ...)        who is asked; perhaps again for those whose answers are missing
//   outgoing(client, ...)       the model as each of them gets it
//   open(client, result)        for each answer: check it, where it lies in the message's memory
//   add(update)                 and merge it; it need not be kept
//   finish(global)              the next model
// A round that fails in the middle is begun anew by the next begin(). Between rounds, moments() and
// privacy() go into the checkpoint, and restore() and restore_privacy() bring them back before the
// first begin() of a process. Memory is that of a few models, however many clients answer; what
// needs all updates at once keeps them on disk (spool.hpp).
class Strategy {
 public:
  Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;

  // `wanted` of the clients `present`, or all of them where there are fewer; a pure function of
  // `key` and the histories, but for private strategies, whose coins nobody may foretell. Uniform
  // unless the strategy has reasons. A client without a history is one that is new.
  [[nodiscard]] virtual Selection choose(std::span<const std::string> present,
                                         const Histories& histories, std::uint64_t round,
                                         std::size_t wanted, std::uint64_t key) const;
  [[nodiscard]] virtual Asking asking() const { return Asking::kDrawFirst; }
  // kProbeFirst: clients that are asked per round; 0: all.
  [[nodiscard]] virtual std::size_t probes() const { return 0; }
  // After add() of `update`: its size as draws look at it, for the histories, where they do. A pass
  // over both.
  [[nodiscard]] virtual std::optional<double> added_size(const Update& /*update*/,
                                                         const Model& /*global*/) const {
    return std::nullopt;
  }
  // Settings for the clients' training, the same for all of them in a round, as "proximal_mu".
  [[nodiscard]] virtual wire::Config fit_config() const { return {}; }

  // The model at the size it had when the run began, for who cannot take another.
  [[nodiscard]] virtual std::shared_ptr<const Model> whole(
      const std::shared_ptr<const Model>& model) const {
    return model;
  }
  // The model as `client` is to get it, with what it must be told about it in `config`.
  [[nodiscard]] virtual wire::Parameters outgoing(const std::string& client,
                                                  const std::shared_ptr<const Model>& model,
                                                  wire::Config& config) const;

  // The model that outgoing() gives `client`: what an update of its is held against.
  [[nodiscard]] virtual std::shared_ptr<const Model> reference(
      const std::string& /*client*/, const std::shared_ptr<const Model>& model) const {
    return model;
  }

  // True: choose() asks each client by a coin of its own, and nobody may join the round later. Then
  // the number of clients varies from round to round, and there may be none.
  [[nodiscard]] virtual bool draws_by_coins() const { return false; }

  // Drops what a round before has left. `global` stays where it is until finish(). kUnavailable
  // when there is no place for the updates, kUnsupported when there is no randomness for a private
  // one, kInput for a model of another kind than the strategy is for.
  virtual Status begin(const Model& global) = 0;
  // A client's answer as an update of `global`. kInput when it does not fit: then it is not merged,
  // and the client may be asked again. add() is for the update that was opened last.
  virtual Result<Update> open(const std::string& client, const wire::FitResult& result,
                              const Model& global);
  // kUnavailable when an update cannot be kept, kInput when its numbers are too large to be merged
  // with those of others; then the round is as if it had not come.
  virtual Status add(const Update& update, const Contribution& contribution) = 0;
  // The next model. At least one update must have been added, unless draws_by_coins(). kFailed when
  // it would not be finite: then the round is void, the old model stays, and what the strategy
  // carries from round to round is as it was before. kUnavailable when updates on disk cannot be
  // read back.
  virtual Result<Model> finish(const Model& global, const RoundFacts& facts) = 0;

  // The client's history is gone, and it will not be registered in the rounds to come.
  virtual void forget(const std::string& /*client*/) {}

  // State over rounds, for checkpoints (see ServerOptimizer). The models are the strategy's own and
  // are valid until its next call. restore() takes what moments() gave, with the model of that
  // time, before the first round; kInput when they are another strategy's.
  [[nodiscard]] virtual std::vector<const Model*> moments() const { return {}; }
  virtual Status restore(std::vector<Model> moments, const Model& global);

  // What the models so far have told of single clients; none without differential privacy.
  [[nodiscard]] virtual std::optional<PrivacyReport> privacy() const { return std::nullopt; }
  // Goes on with the account of a run of `rounds` rounds; none: it was not private. kInput when
  // they cannot be continued with this strategy's promise.
  virtual Status restore_privacy(const std::optional<PrivacyReport>& account, std::uint64_t rounds);
  // One more round would tell more than the target allows.
  [[nodiscard]] virtual bool exhausted() const { return false; }
};

// `options` must be valid. `random` is for a private strategy's coins and noise; none takes the
// system's. Only a simulation gives its own, which can be foretold and protects nobody.
std::unique_ptr<Strategy> make_strategy(const StrategyOptions& options,
                                        std::unique_ptr<SecretRandom> random = nullptr);

}  // namespace marvel::federate
