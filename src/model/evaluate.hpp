#pragma once

#include "model/batch_source.hpp"
#include "model/gated_mlp.hpp"
#include "model/training_step.hpp"

#include <cstdint>
#include <span>

namespace marvel::model {

// Which copy of the parameters answers. The average is what is reported, saved and taught by; the
// current one is what training moves.
enum class Weights { kCurrent, kAverage };

// Logits of every sample of `source` (in its order) under `variant`, with test gates.
// [source.size(), classes], float32 on the CPU. The source must offer the network's kept inputs
// (another width is a mistake of ours). The network may be on any device; the work is done on the
// CPU, 1000 samples at a time.
torch::Tensor predict(const GatedMlp& net, const BatchSource& source, int variant, Weights weights);

// Images [begin, begin + rows) as users of a model feed them: float32 [rows, pixels] in [0, 1],
// whole and not augmented. A copy.
torch::Tensor image_rows(const data::ImageSet& set, int64_t begin, int64_t rows);

// The same images as the inputs of a network, [rows, inputs] float64, all of the basis and exact:
// with pixels what image_rows() gives but for rounding. Made by the transform that training uses,
// so that a saved model's own can be held against it.
torch::Tensor input_rows(const data::ImageSet& set, int64_t begin, int64_t rows, InputBasis basis);

// Percentage of samples whose largest logit is not the label's, [0, 100]; -1 for an empty source.
// The first form predicts the unchanged images; the second takes [source.size(), classes] on the
// CPU.
double error_percent(const GatedMlp& net, const BatchSource& source, Weights weights);
double error_percent(const torch::Tensor& logits, const BatchSource& source);

// The teachers' answers at `temperature` for every sample of `source`: the mean over teachers and
// over the sample's augmented variants, by their averaged parameters. At least one teacher; each is
// dense and sees the images in its own of the `bases`, and the source is left in the last one's.
// Costs teachers * samples * variants forward passes and keeps 4 * classes bytes per sample.
SoftTargets make_soft_targets(std::span<const GatedMlp> teachers, std::span<const InputBasis> bases,
                              BatchSource& source, double temperature);

// The network at its original size, removed units present but masked to zero; gates folded.
// `widths` are the dense widths. Predicts what `net` (folded) predicts, up to the order of
// summation, so delivery compares a saved model with it. Made from the averages, on the CPU.
GatedMlp masked_network(const GatedMlp& net, std::span<const int> widths);

}  // namespace marvel::model
