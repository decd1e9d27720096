#include "federate/strategy/weighted_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace marvel::federate {
namespace {

template <class T>
void add_tensor(const Update& update, std::size_t index, T coefficient, std::vector<T>& sum) {
  constexpr std::size_t kBlock = 2048;
  std::array<T, kBlock> block{};
  for (std::size_t first = 0; first < sum.size(); first += kBlock) {
    const auto part = std::span(block).first(std::min(kBlock, sum.size() - first));
    update.read(index, first, part);
    T* const to = sum.data() + first;
    for (std::size_t i = 0; i < part.size(); ++i) {
      to[i] += coefficient * part[i];
    }
  }
}

}  // namespace

void WeightedSum::reset(const Model& like) {
  sum_ = zeros_like(like);
  total_ = 0;
}

void WeightedSum::add(const Update& update, double coefficient) {
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    std::visit(
        [&](auto& values) {
          using T = typename std::decay_t<decltype(values)>::value_type;
          add_tensor(update, i, static_cast<T>(coefficient), values);
        },
        sum_[i].values);
  }
  total_ += coefficient;
}

bool all_finite(const Model& model) {
  for (const auto& tensor : model) {
    const double most = tensor.dtype == Dtype::kFloat16 ? 65504 : 0;
    const bool fine = std::visit(
        [most](const auto& values) {
          return std::all_of(values.begin(), values.end(), [most](auto value) {
            return std::isfinite(value) && (most == 0 || std::abs(value) <= most);
          });
        },
        tensor.values);
    if (!fine) {
      return false;
    }
  }
  return true;
}

void round_integers(Model& model) {
  for (auto& tensor : model) {
    if (is_float(tensor.dtype)) {
      continue;
    }
    for (auto& value : std::get<std::vector<double>>(tensor.values)) {
      value = fit_to(tensor.dtype, value);
    }
  }
}

}  // namespace marvel::federate
