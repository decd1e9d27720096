#include "federate/strategy/weighted_sum.hpp"

#include "federate/array/number_loops.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace marvel::federate {
namespace {

constexpr std::size_t kInCache = 2048;  // elements that stay in the processor between two steps

// The largest number that the tensor can hold.
template <class T>
T most_of(const Tensor& tensor) {
  return tensor.dtype == Dtype::kFloat16 ? T(65504) : std::numeric_limits<T>::max();
}

template <class T>
void add_tensor(const Update& update, std::size_t index, T coefficient, std::vector<T>& sum) {
  update.visit(index, NpyVisitor<T>([&](std::size_t first, PackedNumbers<T> run) {
                 add_scaled(std::span(sum).subspan(first, run.size()), coefficient, run);
                 return true;
               }));
}

}  // namespace

void WeightedSum::reset(const Model& like) {
  sum_ = zeros_like(like);
  total_ = 0;
}

WeightedSum::Mean WeightedSum::take_mean() {
  bool finite = true;
  for (auto& tensor : sum_) {
    std::visit(
        [&](auto& values) {
          using T = typename std::decay_t<decltype(values)>::value_type;
          for (std::size_t first = 0; first < values.size(); first += kInCache) {
            const auto part =
                std::span<T>(values).subspan(first, std::min(kInCache, values.size() - first));
            divide(part, static_cast<T>(total_));
            finite = all_within(std::span<const T>(part), most_of<T>(tensor)) && finite;
          }
        },
        tensor.values);
  }
  return {take(), finite};
}

Status WeightedSum::add(const Update& update, double coefficient) {
  MARVEL_TRY_STATUS(check_summable(update, sum_, coefficient));
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    std::visit(
        [&](auto& values) {
          using T = typename std::decay_t<decltype(values)>::value_type;
          add_tensor(update, i, static_cast<T>(coefficient), values);
        },
        sum_[i].values);
  }
  total_ += coefficient;
  return {};
}

bool all_finite(const Model& model) {
  return std::all_of(model.begin(), model.end(), [](const Tensor& tensor) {
    return std::visit(
        [&tensor](const auto& values) {
          using T = typename std::decay_t<decltype(values)>::value_type;
          return all_within(std::span<const T>(values), most_of<T>(tensor));
        },
        tensor.values);
  });
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
