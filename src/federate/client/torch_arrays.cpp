#include "federate/client/torch_arrays.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace marvel::federate {

Tensor to_tensor(const torch::Tensor& values) {
  const auto plain = values.contiguous();
  Tensor tensor = make_tensor(Dtype::kFloat32, {plain.sizes().begin(), plain.sizes().end()});
  const auto* begin = plain.data_ptr<float>();
  std::copy(begin, begin + plain.numel(), std::get<std::vector<float>>(tensor.values).begin());
  return tensor;
}

Result<torch::Tensor> to_torch(const Tensor& tensor, c10::IntArrayRef wanted, std::size_t index) {
  const std::vector<std::int64_t> shape(tensor.shape.begin(), tensor.shape.end());
  if (c10::IntArrayRef(shape) != wanted || !held_as_float(tensor.dtype)) {
    return fail(Errc::kInput,
                fmt::format("the server's tensor {} is {} {} and does not fit --layers", index,
                            dtype_name(tensor.dtype), shape_text(tensor.shape)),
                "give all clients and --initial the same --layers");
  }
  const auto& values = std::get<std::vector<float>>(tensor.values);
  auto result = torch::empty(wanted);
  std::copy(values.begin(), values.end(), result.data_ptr<float>());
  return result;
}

}  // namespace marvel::federate
