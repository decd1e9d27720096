#pragma once

#include "base/result.hpp"
#include "model/script_model.hpp"

namespace marvel::compress {

// Percentiles of single forward passes, in microseconds of the steady clock.
struct Latency {
  double p50_us = 0;
  double p95_us = 0;
};

// Times `runs` >= 1 forward passes of one sample [1, pixels] on one thread, after a warm-up of 50
// in which TorchScript settles its plan. LibTorch's thread count, which is the process's, is
// restored. The sample must be on the model's device. kInput when the model refuses it.
Result<Latency> measure_latency(model::ScriptModel& model, const torch::Tensor& sample,
                                int runs = 1000);

}  // namespace marvel::compress
