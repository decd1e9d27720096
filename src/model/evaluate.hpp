#pragma once

#include "model/batch_source.hpp"
#include "model/gated_mlp.hpp"
#include "model/training_step.hpp"

#include <cstdint>

namespace marvel::model {

// Which copy of the parameters answers.
enum class Weights { kCurrent, kAverage };

// Logits of every sample of `source` (in its order) under `variant`, with test gates.
// [source.size(), classes], float32 on the CPU. The source must offer the network's kept pixels.
torch::Tensor predict(const GatedMlp& net, const BatchSource& source, int variant, Weights weights);

// Images [begin, begin + rows) as users of a model feed them: float32 [rows, pixels] in [0, 1].
torch::Tensor image_rows(const data::ImageSet& set, int64_t begin, int64_t rows);

// Percentage of samples whose largest logit is not the label's, [0, 100]; -1 for an empty source.
double error_percent(const GatedMlp& net, const BatchSource& source, Weights weights);
double error_percent(const torch::Tensor& logits, const BatchSource& source);

// The teacher's answers at `temperature` for every sample and augmented variant of `source`.
// Costs size * variants forward passes once, and 4 * classes bytes for each of them.
SoftTargets make_soft_targets(const GatedMlp& teacher, const BatchSource& source,
                              double temperature);

// The network at its original size, removed units present but masked to zero; gates folded.
// `widths` are the dense widths. Predicts exactly what `net` (folded) predicts.
GatedMlp masked_network(const GatedMlp& net, std::span<const int> widths);

}  // namespace marvel::model
