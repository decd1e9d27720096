#pragma once

#include "model/batch_source.hpp"
#include "model/gated_mlp.hpp"
#include "model/training_step.hpp"

#include <cstdint>
#include <span>

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

// The teachers' answers at `temperature` for every sample of `source`: the mean over teachers and
// over the sample's augmented variants. At least one teacher. Costs
// teachers * samples * variants forward passes and keeps 4 * classes bytes per sample.
SoftTargets make_soft_targets(std::span<const GatedMlp> teachers, const BatchSource& source,
                              double temperature);

// The network at its original size, removed units present but masked to zero; gates folded.
// `widths` are the dense widths. Predicts exactly what `net` (folded) predicts.
GatedMlp masked_network(const GatedMlp& net, std::span<const int> widths);

}  // namespace marvel::model
