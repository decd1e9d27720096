#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "model/torch.hpp"

namespace marvel::federate {

// Between the arrays of messages and LibTorch's tensors; both copy.

// float32, C order. `values` is a float32 tensor in the CPU's memory; it may be a view, such as a
// transposed one.
Tensor to_tensor(const torch::Tensor& values);
// `index` is the tensor's place in the server's model, for the message. kInput when it is no
// float32 or float16 array of shape `wanted`.
Result<torch::Tensor> to_torch(const Tensor& tensor, c10::IntArrayRef wanted, std::size_t index);

}  // namespace marvel::federate
