// The door of federated learning in libmarvel_ml.so, beside compress/plugin.cpp. LibTorch reports
// its own trouble by exceptions, so each call has a guard.
#include "base/guarded.hpp"
#include "federate/client/gated_trainer.hpp"
#include "federate/client/ml_api.hpp"
#include "federate/client/mlp_trainer.hpp"
#include "federate/client/script_export.hpp"

#include <utility>

namespace marvel::federate {
namespace {

constexpr const char* kSmaller = "use a smaller network or batch";

class GuardedTrainer : public Trainer {
 public:
  explicit GuardedTrainer(std::unique_ptr<Trainer> inner) : inner_(std::move(inner)) {}
  Result<Model> initial() override {
    return guarded(kSmaller, [&] { return inner_->initial(); });
  }
  Result<Trained> train(const Model& global, const wire::Config& config) override {
    return guarded(kSmaller, [&] { return inner_->train(global, config); });
  }
  Result<Trained> train_from(const Model& start, const Model& anchor,
                             const wire::Config& config) override {
    return guarded(kSmaller, [&] { return inner_->train_from(start, anchor, config); });
  }
  [[nodiscard]] std::string tensor_name(std::size_t index) const override {
    return inner_->tensor_name(index);
  }
  Result<Evaluated> evaluate(const Model& global, const wire::Config& config) override {
    return guarded(kSmaller, [&] { return inner_->evaluate(global, config); });
  }

 private:
  std::unique_ptr<Trainer> inner_;
};

Result<std::unique_ptr<Trainer>> guarded_make(const TrainerOptions& options, Context& context) {
  const auto make = options.model == "l0mlp" ? make_gated_trainer : make_mlp_trainer;
  MARVEL_TRY(auto inner, guarded(kSmaller, [&] { return make(options, context); }));
  return std::unique_ptr<Trainer>(std::make_unique<GuardedTrainer>(std::move(inner)));
}

Result<std::string> guarded_export(const PublishedModel& published) {
  return guarded("use a machine with more memory", [&] { return script_export(published); });
}

constexpr MlTrainerApi kApi{kMlTrainerInterfaceVersion, guarded_make, guarded_export};

}  // namespace
}  // namespace marvel::federate

extern "C" const marvel::federate::MlTrainerApi* marvel_ml_trainer_api() {
  return &marvel::federate::kApi;
}
