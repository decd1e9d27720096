// The door of federated learning in libmarvel_ml.so, beside compress/plugin.cpp. LibTorch reports
// its own trouble by exceptions, so each call has a guard.
#include "federate/client/gated_trainer.hpp"
#include "federate/client/ml_api.hpp"
#include "federate/client/mlp_trainer.hpp"

#include <exception>
#include <new>
#include <utility>

namespace marvel::federate {
namespace {

template <class Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(Errc::kUnavailable, "out of memory", "use a smaller network or batch");
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return fail(Errc::kInternal, text.substr(0, text.find('\n')));
  }
}

class GuardedTrainer : public Trainer {
 public:
  explicit GuardedTrainer(std::unique_ptr<Trainer> inner) : inner_(std::move(inner)) {}
  Result<Model> initial() override {
    return guarded([&] { return inner_->initial(); });
  }
  Result<Trained> train(const Model& global, const wire::Config& config) override {
    return guarded([&] { return inner_->train(global, config); });
  }
  Result<Trained> train_from(const Model& start, const Model& anchor,
                             const wire::Config& config) override {
    return guarded([&] { return inner_->train_from(start, anchor, config); });
  }
  [[nodiscard]] std::string tensor_name(std::size_t index) const override {
    return inner_->tensor_name(index);
  }
  Result<Evaluated> evaluate(const Model& global, const wire::Config& config) override {
    return guarded([&] { return inner_->evaluate(global, config); });
  }

 private:
  std::unique_ptr<Trainer> inner_;
};

Result<std::unique_ptr<Trainer>> guarded_make(const TrainerOptions& options, Context& context) {
  const auto make = options.model == "l0mlp" ? make_gated_trainer : make_mlp_trainer;
  MARVEL_TRY(auto inner, guarded([&] { return make(options, context); }));
  return std::unique_ptr<Trainer>(std::make_unique<GuardedTrainer>(std::move(inner)));
}

constexpr MlTrainerApi kApi{kMlTrainerInterfaceVersion, guarded_make};

}  // namespace
}  // namespace marvel::federate

extern "C" const marvel::federate::MlTrainerApi* marvel_ml_trainer_api() {
  return &marvel::federate::kApi;
}
