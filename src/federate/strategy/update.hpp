#pragma once

#include "base/result.hpp"
#include "federate/array/npy.hpp"
#include "federate/array/tensor.hpp"
#include "federate/wire/message.hpp"

#include <span>
#include <vector>

namespace marvel::federate {

// A client's model as it arrived, checked against the one it is to be merged with, and still in
// the memory of the message: nothing is unpacked until somebody reads it.
//
// It shares the message's memory (Bytes), so it may outlive the message and costs little to copy.
// Who sums updates sees the elements where they lie, who needs some of them gets copies:
//   update.visit(tensor, visitor);      // all, run after run
//   update.read(tensor, first, block);  // elements [first, first + block.size())
class Update {
 public:
  // Holds `parameters` against `reference`: number of tensors, shapes, kind of element (float
  // against float, whole numbers against whole numbers; other widths are converted) and finite
  // values. kInput names the first tensor that does not fit, as in
  // "tensor 2 has shape (10, 4) instead of (10, 3)". Costs one pass over all elements, for their
  // largest; values count as infinite where they are beyond the type they will be added up in.
  static Result<Update> check(const wire::Parameters& parameters, const Model& reference);

  [[nodiscard]] std::size_t tensors() const { return files_.size(); }
  // The largest |element| of tensor `index`; 0 for whole numbers, which cannot overflow a sum in
  // double. Known from check(), so it costs nothing.
  [[nodiscard]] double largest(std::size_t index) const { return largest_[index]; }
  // Elements [first, first + out.size()) of tensor `index`, in C order, which must lie in the
  // tensor. Costs a copy where the types agree, a conversion otherwise (read_npy).
  void read(std::size_t index, std::size_t first, std::span<float> out) const;
  void read(std::size_t index, std::size_t first, std::span<double> out) const;
  // Shows all elements of tensor `index`, where they lie if they can be used so (visit_npy).
  void visit(std::size_t index, const NpyVisitor<float>& visitor) const;
  void visit(std::size_t index, const NpyVisitor<double>& visitor) const;

 private:
  std::vector<Bytes> files_;
  std::vector<NpyHeader> headers_;
  std::vector<double> largest_;
};

// kInput, naming the tensor, when an element times `factor` is so large that a sum of a million
// such could leave the numbers of `like`'s type: then one client would void the round of all. Looks
// at the largest elements alone, which check() has found.
Status check_summable(const Update& update, const Model& like, double factor);
// The same for the square of a step from a model to the mean of some, which the adaptive optimizers
// of the server form.
Status check_squarable(const Update& update, const Model& like);

// Sum of the squares of update - model over all tensors, in double. Shapes must agree, as
// Update::check sees to. A pass over both; allocates nothing.
[[nodiscard]] double squared_distance(const Update& update, const Model& model);

// Parameters without a model to compare with: what a client offers as the initial one. kInput for
// arrays that cannot be read and for values that are not finite. The result is a copy of its own.
Result<Model> decode_parameters(const wire::Parameters& parameters);
// The model's tensors as they go into a message; its float32 and float64 elements are not copied,
// and the result keeps the model alive. So one model is sent to any number of clients from one
// memory.
wire::Parameters encode_parameters(const std::shared_ptr<const Model>& model);

}  // namespace marvel::federate
