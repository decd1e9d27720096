#pragma once

#include <cstddef>
#include <cstdint>

// Loops of the training step that are not matrix products, on plain float arrays.
//
// All matrices are row-major and dense; `rows` counts samples. Pointers never overlap unless a
// comment says so. Nothing here allocates, throws or keeps state, so any thread may call anything.
// The file is compiled with fast-math for vector code: callers check for NaN themselves.
namespace marvel::model {

// out[i] = pixels[offsets[i]] * scale[i]: one image into one row of network inputs.
void gather_pixels(const std::uint8_t* pixels, const std::int32_t* offsets, const float* scale,
                   std::size_t count, float* out);

// next = max(0, pre + bias) * gate, the input of the next layer.   [rows, width]
void relu_gate(const float* pre, const float* bias, const float* gate, std::size_t rows,
               std::size_t width, float* next);

// delta = grad * gate where the unit was active (next > 0), else 0.   [rows, width]
// `delta` may be `grad`.
void relu_gate_backward(const float* grad, const float* next, const float* gate, std::size_t rows,
                        std::size_t width, float* delta);

// sums[j] = sum over rows of matrix[r, j].
void column_sums(const float* matrix, std::size_t rows, std::size_t width, float* sums);

// Sum of squares of `count` numbers, and the dot product of two arrays.
[[nodiscard]] float sum_of_squares(const float* values, std::size_t count);
[[nodiscard]] float dot(const float* a, const float* b, std::size_t count);

// a += b.
void accumulate(float* a, const float* b, std::size_t count);

// What a sample is to learn: its label, and optionally a teacher's soft answer.
struct Target {
  int label = 0;
  const float* soft = nullptr;  // `classes` probabilities at `temperature`, or null
};
struct LossWeights {
  float soft = 0.0F;  // share of the soft part, [0, 1]; the hard part has the rest
  float temperature = 1.0F;
};
struct SampleLoss {
  float loss;  // (1 - soft) CE(label) + soft T^2 KL(teacher || p), Hinton et al., arXiv 1503.02531
  bool correct;  // the largest logit is the label's
};

// Softmax cross-entropy of one sample. Adds `bias` to `logits` in place and writes the loss'
// gradient with respect to the logits, times `scale`, to `delta`.
SampleLoss softmax_loss(float* logits, const float* bias, std::size_t classes, const Target& target,
                        const LossWeights& weights, float scale, float* delta);

// One Adam step (Kingma and Ba, arXiv 1412.6980, algorithm 1) fused with the running average of
// the parameters (Polyak): value, both moments and average are updated in one pass.
struct AdamStep {
  float step_size;     // lr / (1 - beta1^t)
  float second_scale;  // 1 / sqrt(1 - beta2^t)
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float average_decay;  // 0 keeps no history: average = value
};
[[nodiscard]] AdamStep adam_step(double learning_rate, std::uint64_t t, double average_decay);

struct ParameterSlices {
  float* value;
  float* moment1;
  float* moment2;
  float* average;
};
// The gradient is grad[i] + decay * value[i].
void adam_update(const ParameterSlices& parameter, const float* grad, std::size_t count,
                 const AdamStep& step, float decay);

}  // namespace marvel::model
