#pragma once

#include "federate/array/tensor.hpp"
#include "federate/strategy/update.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace marvel::federate {

// sum_k c_k x_k, added up as updates arrive: memory is one model, however many clients there are.
// float16 and float32 are added up in float32, all else in float64. The order of arrival changes
// the last bits. A round is reset, add for each update, and then one of the two take:
//   sum.reset(global);
//   MARVEL_TRY_STATUS(sum.add(update, examples));
//   auto mean = sum.take_mean();
// Used by one thread at a time.
class WeightedSum {
 public:
  // Starts over with zeros shaped as `like`. A model's memory is made anew, because take() gives it
  // away.
  void reset(const Model& like);
  // kInput, with the sum as it was, for numbers that are too large (see check_summable). The update
  // must have been checked against a model shaped as that of reset(). One pass over both.
  Status add(const Update& update, double coefficient);

  [[nodiscard]] double total() const { return total_; }  // sum_k c_k
  // The sum itself. The object must be reset before it is used again.
  [[nodiscard]] Model take() { return std::move(sum_); }
  struct Mean {
    Model model;
    bool finite = true;  // all_finite(model), looked at in the same pass over memory
  };
  // The sum divided by total(), which must not be 0. The same holds after it.
  [[nodiscard]] Mean take_mean();

 private:
  Model sum_;
  double total_ = 0;
};

// x_i = f(x_i) over all elements; in the tensor's own precision, so `function` is called with float
// or double.
template <class Function>
void transform(Model& model, const Function& function) {
  for (auto& tensor : model) {
    std::visit(
        [&](auto& values) {
          for (auto& value : values) {
            value = static_cast<std::decay_t<decltype(value)>>(function(value));
          }
        },
        tensor.values);
  }
}

// Whether every element is a number that `model`'s types can hold: float16 ends at 65504, though
// memory has it as float.
[[nodiscard]] bool all_finite(const Model& model);

// Makes whole-number tensors hold whole numbers again after arithmetic (fit_to); others stay as
// they are.
void round_integers(Model& model);

}  // namespace marvel::federate
