#pragma once

#include "base/result.hpp"
#include "model/script_model.hpp"

namespace marvel::compress {

struct Latency {
  double p50_us = 0;
  double p95_us = 0;
};

// Times `runs` forward passes of one sample [1, pixels] on one thread, after a warm-up in which
// TorchScript settles its plan. Restores LibTorch's thread count.
Result<Latency> measure_latency(model::ScriptModel& model, const torch::Tensor& sample,
                                int runs = 1000);

}  // namespace marvel::compress
