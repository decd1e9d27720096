// The blobs of federated DynHP: how often a client's gates were open, and which inputs a server
// says are left. Any bytes are refused as input or lead to a model of finite numbers.
#include "federate/client/kept_pixels.hpp"
#include "federate/strategy/strategy.hpp"
#include "federate/strategy/weighted_sum.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

using namespace marvel::federate;
using marvel::Errc;

namespace {

// Three inputs, two units, two outputs; five gates.
Model small_model() {
  Model model;
  for (const Shape& shape : {Shape{2, 3}, Shape{2}, Shape{3}, Shape{2, 2}, Shape{2}, Shape{2}}) {
    model.push_back(make_tensor(Dtype::kFloat32, shape));
  }
  return model;
}

void vote(const std::string& text) {
  StrategyOptions options;
  options.kind = StrategyKind::kDynHp;
  options.dynhp.patience = 1;
  const auto strategy = make_strategy(options);
  Model model = small_model();
  for (std::uint64_t round = 1; round <= 2; ++round) {
    FUZZ_LAW(strategy->begin(model).has_value());
    wire::FitResult result;
    result.parameters = encode_parameters(std::make_shared<const Model>(model));
    result.num_examples = 3;
    result.metrics = {{kDynHpMetric, true}, {kActivityMetric, wire::Blob{text}}};
    const auto update = strategy->open("a", result, model);
    if (!update) {
      FUZZ_LAW(update.error().code == Errc::kInput);
      return;
    }
    FUZZ_LAW(strategy->add(*update, {3, 1, 1, ""}).has_value());
    auto next = strategy->finish(model, {round, 3});
    FUZZ_LAW(next.has_value() && all_finite(*next) && next->size() == model.size());
    model = std::move(*next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  vote(text);
  constexpr int kPixels = 784;
  const auto kept = kept_pixels({{kPixelsSetting, wire::Blob{text}}}, size / 4, kPixels);
  FUZZ_LAW(kept ? 4 * kept->size() == size : kept.error().code == Errc::kInput);
  for (std::size_t i = 0; kept && i < kept->size(); ++i) {
    FUZZ_LAW((*kept)[i] >= 0 && (*kept)[i] < kPixels && (i == 0 || (*kept)[i] > (*kept)[i - 1]));
  }
  return 0;
}
