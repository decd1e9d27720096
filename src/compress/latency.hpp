#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
#include "model/script_model.hpp"

namespace marvel::compress {

// Percentiles of single forward passes, in microseconds of the steady clock.
struct Latency {
  double p50_us = 0;
  double p95_us = 0;
};

// Times `runs` forward passes of one sample [1, pixels] on one thread, 1 to 1,000,000 of them,
// after a warm-up of 50 in which TorchScript settles its plan. LibTorch's thread count, which is
// the process's, is restored. The sample must be on the model's device. kInput when the model
// refuses it; kFailed once `stop` is raised, and without one it goes to its end.
Result<Latency> measure_latency(model::ScriptModel& model, const torch::Tensor& sample,
                                int runs = 1000, const StopFlag* stop = nullptr);

}  // namespace marvel::compress
