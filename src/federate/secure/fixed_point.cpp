#include "federate/secure/fixed_point.hpp"

#include "federate/secure/messages.hpp"

#include <cmath>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

namespace marvel::federate::secure {
namespace {

constexpr double kOne = 1 << 24U;

}  // namespace

Result<std::vector<std::uint64_t>> to_fixed(const Model& trained, const Model& global,
                                            std::int64_t weight) {
  if (weight < 0 || weight > kLargestWeight) {
    return fail(Errc::kInput, fmt::format("{} examples are more than secure aggregation can count "
                                          "({})",
                                          weight, kLargestWeight));
  }
  if (trained.size() != global.size()) {
    return fail(Errc::kInput, "the trained model has another number of tensors");
  }
  std::vector<std::uint64_t> numbers;
  numbers.reserve(model_elements(global) + 1);
  for (std::size_t t = 0; t < global.size(); ++t) {
    if (trained[t].shape != global[t].shape) {
      return fail(Errc::kInput, fmt::format("tensor {} has another shape after training", t));
    }
    for (std::size_t i = 0; i < global[t].size(); ++i) {
      const double change = trained[t].at(i) - global[t].at(i);
      if (!(std::abs(change) <= kLargestChange)) {
        return fail(Errc::kInput,
                    fmt::format("tensor {} changed by {}, secure aggregation bears {}", t, change,
                                kLargestChange));
      }
      const double scaled = static_cast<double>(weight) * change * kOne;
      numbers.push_back(static_cast<std::uint64_t>(std::llround(scaled)));
    }
  }
  numbers.push_back(static_cast<std::uint64_t>(weight));
  return numbers;
}

Result<FixedMean> from_fixed(std::span<const std::uint64_t> sum, const Model& global) {
  FixedMean mean{global, sum.back()};
  if (mean.weight > kMostClients * static_cast<std::uint64_t>(kLargestWeight)) {
    return fail(Errc::kInput, "the masks have not vanished from the sum");
  }
  if (mean.weight == 0) {
    return mean;
  }
  const double scale = 1 / (kOne * static_cast<double>(mean.weight));
  std::size_t next = 0;
  for (auto& tensor : mean.model) {
    std::visit(
        [&](auto& values) {
          for (auto& value : values) {
            using T = std::decay_t<decltype(value)>;
            const auto change = static_cast<double>(static_cast<std::int64_t>(sum[next++])) * scale;
            value = static_cast<T>(static_cast<double>(value) + change);
          }
        },
        tensor.values);
  }
  return mean;
}

}  // namespace marvel::federate::secure
