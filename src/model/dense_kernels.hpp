#pragma once

#include <cstddef>
#include <cstdint>

// Loops of the training step that are not matrix products, on plain float arrays.
//
// All matrices are row-major and dense; `rows` counts samples. Pointers never overlap unless a
// comment says so. Nothing here allocates, throws or keeps state, so any thread may call anything.
// The file is compiled with fast-math for vector code: callers check for NaN themselves.
//
// A step of training calls them in this order: gather_pixels (in another basis haar_of_*
// and gather_coefficients), then per layer a matrix product and relu_gate; softmax_loss; per layer
// backwards column_sums and relu_gate_backward; adam_update. The portable step (tensor_step.cpp)
// computes the same with LibTorch, and is what a test holds them against. Built by GCC for x86 the
// loops exist for AVX-512, AVX2 and the baseline, and the machine picks when it loads.
namespace marvel::model {

// out[i] = pixels[offsets[i]] * scale[i]: one image into one row of network inputs.
void gather_pixels(const std::uint8_t* pixels, const std::int32_t* offsets, const float* scale,
                   std::size_t count, float* out);

// out[i] = values[offsets[i]] * factors[i] * scale[i]: the same of a transformed image.
void gather_coefficients(const float* values, const std::int32_t* offsets, const float* factors,
                         const float* scale, std::size_t count, float* out);

// One level of the Haar wavelet (haar.hpp): `high` x `wide` squares of 2 x 2, whose rows lie
// `stride` numbers apart. `means` has one number per square; `differences` three bands of as many.
void haar_of_pixels(const std::uint8_t* pixels, std::size_t stride, std::size_t high,
                    std::size_t wide, float* means, float* differences);
void haar_of_means(const float* values, std::size_t stride, std::size_t high, std::size_t wide,
                   float* means, float* differences);

// next = max(0, pre + bias) * gate, the input of the next layer.   [rows, width]
void relu_gate(const float* pre, const float* bias, const float* gate, std::size_t rows,
               std::size_t width, float* next);

// delta = grad * gate where the unit was active (next > 0), else 0.   [rows, width]
// `delta` may be `grad`.
void relu_gate_backward(const float* grad, const float* next, const float* gate, std::size_t rows,
                        std::size_t width, float* delta);

// sums[j] = sum over rows of matrix[r, j]; what was in `sums` is lost. For biases' gradients.
void column_sums(const float* matrix, std::size_t rows, std::size_t width, float* sums);

// Sum of squares of `count` numbers, and the dot product of two arrays; in float, in an order that
// depends on the machine's vectors.
[[nodiscard]] float sum_of_squares(const float* values, std::size_t count);
[[nodiscard]] float dot(const float* a, const float* b, std::size_t count);

// a += b.
void accumulate(float* a, const float* b, std::size_t count);

// What a sample is to learn: its label, and optionally a teacher's soft answer.
struct Target {
  int label = 0;
  const float* soft = nullptr;  // `classes` probabilities at `temperature`, or null
};
// For all samples of a step alike. Without a teacher's answer the hard part has all the weight.
struct LossWeights {
  float soft = 0.0F;  // share of the soft part, [0, 1]; the hard part has the rest
  float temperature = 1.0F;
};
struct SampleLoss {
  float loss;  // (1 - soft) CE(label) + soft T^2 KL(teacher || p), Hinton et al., arXiv 1503.02531
  bool correct;  // the largest logit is the label's
};

// Softmax cross-entropy of one sample. Adds `bias` to `logits` in place and writes the loss'
// gradient with respect to the logits, times `scale`, to `delta`. All three have `classes`
// elements; `scale` is 1 / batch where the mean of a batch is wanted, and is not in the loss that
// is returned.
SampleLoss softmax_loss(float* logits, const float* bias, std::size_t classes, const Target& target,
                        const LossWeights& weights, float scale, float* delta);

// One Adam step (Kingma and Ba, arXiv 1412.6980, algorithm 1) fused with the running average of the
// parameters (Polyak): value, both moments and average are updated in one pass. adam_step() puts
// both bias corrections into two factors, once per step; `t` counts from 1.
//   value -= step_size m / (sqrt(v) second_scale + epsilon)
//   average = average_decay average + (1 - average_decay) value
struct AdamStep {
  float step_size;     // lr / (1 - beta1^t)
  float second_scale;  // 1 / sqrt(1 - beta2^t)
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float average_decay;  // 0 keeps no history: average = value
};
[[nodiscard]] AdamStep adam_step(double learning_rate, std::uint64_t t, double average_decay);

// The same range of a Parameter's four tensors, `count` elements each.
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
