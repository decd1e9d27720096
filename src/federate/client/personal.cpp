#include "federate/client/personal.hpp"

#include "federate/array/npz.hpp"

#include <regex>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

bool same_shapes(const Model& a, const Model& b) {
  bool same = a.size() == b.size();
  for (std::size_t t = 0; same && t < a.size(); ++t) {
    same = a[t].shape == b[t].shape && a[t].dtype == b[t].dtype;
  }
  return same;
}

// What is in `file`, which must be shaped as `like`; `like` itself where there is no file.
Result<Model> load_personal(const PersonalFile& file, Model like) {
  std::error_code ignored;
  if (file.empty() || !std::filesystem::exists(file, ignored)) {
    return like;
  }
  MARVEL_TRY(Model model, load_npz(file));
  if (!same_shapes(model, like)) {
    return fail(Errc::kInput,
                fmt::format("'{}' does not hold this client's part of the model", file.string()),
                "name another file with --local-model, or remove it");
  }
  return model;
}

Status save_personal(const PersonalFile& file, const Model& model) {
  return file.empty() ? Status{} : save_npz(file, model);
}

class LocalLayers : public Trainer {
 public:
  LocalLayers(std::unique_ptr<Trainer> inner, std::vector<bool> is_local, Model local,
              PersonalFile file)
      : inner_(std::move(inner)),
        is_local_(std::move(is_local)),
        local_(std::move(local)),
        file_(std::move(file)) {}

  Result<Model> initial() override {
    MARVEL_TRY(Model model, inner_->initial());
    return split(std::move(model), nullptr);
  }
  Result<Trained> train(const Model& global, const wire::Config& config) override {
    MARVEL_TRY(const Model whole, join(global));
    MARVEL_TRY(Trained trained, inner_->train(whole, config));
    if (trained.model.size() != is_local_.size()) {
      return fail(Errc::kInput, "training changed the number of tensors");
    }
    Model local;
    trained.model = split(std::move(trained.model), &local);
    MARVEL_TRY_STATUS(save_personal(file_, local));
    local_ = std::move(local);
    return trained;
  }
  Result<Evaluated> evaluate(const Model& global, const wire::Config& config) override {
    MARVEL_TRY(const Model whole, join(global));
    return inner_->evaluate(whole, config);
  }

 private:
  // The common tensors; the others go to `local`.
  [[nodiscard]] Model split(Model whole, Model* local) const {
    Model common;
    for (std::size_t t = 0; t < whole.size(); ++t) {
      if (!is_local_[t]) {
        common.push_back(std::move(whole[t]));
      } else if (local != nullptr) {
        local->push_back(std::move(whole[t]));
      }
    }
    return common;
  }
  [[nodiscard]] Result<Model> join(const Model& common) const {
    const std::size_t expected = is_local_.size() - local_.size();
    if (common.size() != expected) {
      return fail(
          Errc::kInput,
          fmt::format("the server's model has {} tensors instead of {}", common.size(), expected),
          "give all clients the same --local-layers");
    }
    Model whole;
    auto next = common.begin();
    auto own = local_.begin();
    for (const bool local : is_local_) {
      whole.push_back(local ? *own++ : *next++);
    }
    return whole;
  }

  std::unique_ptr<Trainer> inner_;
  std::vector<bool> is_local_;  // per tensor of the whole model
  Model local_;
  PersonalFile file_;
};

class Ditto : public Trainer {
 public:
  Ditto(std::unique_ptr<Trainer> inner, double lambda, Model personal, PersonalFile file)
      : inner_(std::move(inner)),
        lambda_(lambda),
        personal_(std::move(personal)),
        file_(std::move(file)) {}

  Result<Model> initial() override { return inner_->initial(); }
  Result<Trained> train(const Model& global, const wire::Config& config) override {
    MARVEL_TRY(Trained common, inner_->train(global, config));
    wire::Config towards = config;
    towards["proximal_mu"] = lambda_;
    MARVEL_TRY(Trained personal, inner_->train_from(personal_, global, towards));
    MARVEL_TRY_STATUS(save_personal(file_, personal.model));
    personal_ = std::move(personal.model);
    return common;
  }
  Result<Evaluated> evaluate(const Model& global, const wire::Config& config) override {
    MARVEL_TRY(Evaluated common, inner_->evaluate(global, config));
    MARVEL_TRY(const Evaluated personal, inner_->evaluate(personal_, config));
    common.metrics["personal_loss"] = personal.loss;
    if (const auto found = personal.metrics.find("accuracy"); found != personal.metrics.end()) {
      common.metrics["personal_accuracy"] = found->second;
    }
    return common;
  }

 private:
  std::unique_ptr<Trainer> inner_;
  double lambda_;
  Model personal_;
  PersonalFile file_;
};

Result<std::regex> compile(const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    return fail(Errc::kUsage, fmt::format("--local-layers '{}' is no regular expression: {}",
                                          pattern, error.what()));
  }
}

}  // namespace

Result<std::unique_ptr<Trainer>> keep_layers_local(std::unique_ptr<Trainer> inner,
                                                   const std::string& pattern,
                                                   const PersonalFile& file) {
  MARVEL_TRY(const std::regex expression, compile(pattern));
  MARVEL_TRY(Model whole, inner->initial());
  std::vector<bool> is_local;
  Model local;
  for (std::size_t t = 0; t < whole.size(); ++t) {
    is_local.push_back(std::regex_match(inner->tensor_name(t), expression));
    if (is_local.back()) {
      local.push_back(std::move(whole[t]));
    }
  }
  if (local.empty() || local.size() == whole.size()) {
    return fail(Errc::kUsage,
                fmt::format("--local-layers '{}' matches {} of the model's {} tensors", pattern,
                            local.empty() ? "none" : "all", whole.size()),
                fmt::format("they are named {} to {}", inner->tensor_name(0),
                            inner->tensor_name(whole.empty() ? 0 : whole.size() - 1)));
  }
  MARVEL_TRY(Model kept, load_personal(file, std::move(local)));
  return std::unique_ptr<Trainer>(
      std::make_unique<LocalLayers>(std::move(inner), std::move(is_local), std::move(kept), file));
}

Result<std::unique_ptr<Trainer>> train_personal_too(std::unique_ptr<Trainer> inner, double lambda,
                                                    const PersonalFile& file) {
  if (lambda <= 0) {
    return fail(Errc::kUsage, "--ditto must be above 0");
  }
  MARVEL_TRY(Model start, inner->initial());
  MARVEL_TRY(Model personal, load_personal(file, std::move(start)));
  return std::unique_ptr<Trainer>(
      std::make_unique<Ditto>(std::move(inner), lambda, std::move(personal), file));
}

}  // namespace marvel::federate
