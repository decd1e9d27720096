// The fast step against a slow judge: the same formulas written plainly with autograd in double.
#include "model/hard_concrete.hpp"
#include "model/network_builder.hpp"
#include "model/training_step.hpp"

#include <numeric>

#include <doctest/doctest.h>

namespace marvel::model {
namespace {

const std::vector<int> kWidths{12, 9, 7, 4};
constexpr int kBatch = 11;
constexpr std::uint64_t kGateKey = 123;

struct World {
  data::ImageSet images = test::random_images(30, 3, 4, 4, 21);
  BatchSource source{images, test::first_samples(30), {}};
  SoftTargets targets;
  GatedMlp net = test::spread_network(kWidths, 22);
  std::vector<std::uint32_t> samples = test::first_samples(kBatch);
  std::vector<double> price{0.02, 0.03, 0.05};

  StepInput input() {
    StepInput step;
    step.samples = samples;
    step.gate_key = kGateKey;
    step.adam_time = 1;
    step.lr = 1e-3;
    step.gate_lr = 1e-2;
    step.average_decay = 0.9;
    step.weight_decay = 0.01;
    step.gate_price = price;
    step.loss = {0.0F, 1.0F};
    step.measure_variance = true;
    return step;
  }
};

torch::Tensor gates_of_step(const GatedLayer& layer, std::size_t l, torch::Tensor* slope) {
  const auto width = static_cast<std::size_t>(layer.in());
  std::vector<float> z(width);
  std::vector<float> s(width);
  draw_gates(mix(kGateKey ^ l), {layer.log_alpha.value.data_ptr<float>(), width}, 0, width, z, s);
  *slope = torch::tensor(s).to(torch::kFloat64);
  return torch::tensor(z).to(torch::kFloat64);
}

// Gradients of weights, biases and log_alpha of every layer, by autograd on the definition.
struct Judge {
  std::vector<torch::Tensor> weight;
  std::vector<torch::Tensor> bias;
  std::vector<torch::Tensor> log_alpha;
  double loss = 0;
  double regularizer = 0;
  double variance = 0;
};

struct Leaves {
  std::vector<torch::Tensor> weight;
  std::vector<torch::Tensor> bias;
  std::vector<torch::Tensor> z;
};

torch::Tensor plain_forward(const Leaves& leaves, torch::Tensor x) {
  for (std::size_t l = 0; l < leaves.weight.size(); ++l) {
    x = (x * leaves.z[l]).matmul(leaves.weight[l]) + leaves.bias[l];
    if (l + 1 < leaves.weight.size()) {
      x = x.relu();
    }
  }
  return x;
}

Judge judge(World& world) {
  Leaves leaves;
  std::vector<torch::Tensor> slopes(3);
  for (std::size_t l = 0; l < 3; ++l) {
    const auto& layer = world.net.layers[l];
    leaves.z.push_back(gates_of_step(layer, l, &slopes[l]).requires_grad_());
    leaves.weight.push_back(layer.weight.value.to(torch::kFloat64).clone().requires_grad_());
    leaves.bias.push_back(layer.bias.value.to(torch::kFloat64).clone().requires_grad_());
  }
  const auto x = torch::from_blob(world.images.pixels.data(), {kBatch, 12}, torch::kUInt8)
                     .to(torch::kFloat64) /
                 255.0;
  const auto labels =
      torch::from_blob(world.images.labels.data(), {kBatch}, torch::kUInt8).to(torch::kInt64);
  const auto losses = torch::nn::functional::cross_entropy(
      plain_forward(leaves, x), labels,
      torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone));

  // Per-sample gradients one by one give the variance by its definition.
  Judge result;
  std::vector<torch::Tensor> all;
  for (int64_t n = 0; n < kBatch; ++n) {
    std::vector<torch::Tensor> inputs = leaves.weight;
    inputs.insert(inputs.end(), leaves.bias.begin(), leaves.bias.end());
    std::vector<torch::Tensor> flat;
    for (const auto& grad : torch::autograd::grad({losses[n]}, inputs, {}, true)) {
      flat.push_back(grad.flatten());
    }
    all.push_back(torch::cat(flat));
  }
  result.variance = torch::stack(all).var(0, /*unbiased=*/true).sum().item<double>();

  losses.mean().backward();
  result.loss = losses.mean().item<double>();
  for (std::size_t l = 0; l < 3; ++l) {
    const auto log_alpha = world.net.layers[l].log_alpha.value.to(torch::kFloat64);
    const auto open = (log_alpha + static_cast<double>(kOpenShift)).sigmoid();
    const auto weight = leaves.weight[l].detach();
    const auto squares = weight.square().sum(1);
    result.regularizer += world.price[l] * open.sum().item<double>();
    result.weight.push_back(leaves.weight[l].grad() + 0.01 * open.unsqueeze(1) * weight);
    result.bias.push_back(leaves.bias[l].grad() + 0.01 * leaves.bias[l].detach());
    result.log_alpha.push_back(slopes[l] * leaves.z[l].grad() +
                               open * (1 - open) * (world.price[l] + 0.005 * squares));
  }
  return result;
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

// After one Adam step from zero moments, moment1 is a tenth of the gradient.
void check_gradients(const World& world, const Judge& expected) {
  for (std::size_t l = 0; l < 3; ++l) {
    CAPTURE(l);
    const auto& layer = world.net.layers[l];
    CHECK(difference(layer.weight.moment1 * 10, expected.weight[l]) < 2e-6);
    CHECK(difference(layer.bias.moment1 * 10, expected.bias[l]) < 2e-6);
    CHECK(difference(layer.log_alpha.moment1 * 10, expected.log_alpha[l]) < 2e-6);
  }
}

}  // namespace

TEST_CASE("loss, regulariser, variance and every gradient agree with autograd") {
  for (const int threads : {1, 2, 3}) {
    CAPTURE(threads);
    World world;
    const Judge expected = judge(world);
    const auto step = make_cpu_step(world.net, world.source, world.targets, threads);
    const StepResult result = step->run(world.input());
    CHECK(result.finite);
    CHECK(result.loss == doctest::Approx(expected.loss).epsilon(1e-6));
    CHECK(result.regularizer == doctest::Approx(expected.regularizer).epsilon(1e-6));
    CHECK(result.variance == doctest::Approx(expected.variance).epsilon(1e-5));
    check_gradients(world, expected);
  }
}

TEST_CASE("the portable step agrees with the fast one, with teacher, gates and decay") {
  World fast;
  World portable;
  for (auto* world : {&fast, &portable}) {
    world->targets.classes = 4;
    for (int i = 0; i < 30 * 4; ++i) {
      world->targets.probabilities.push_back(i % 4 == 1 ? 0.7F : 0.1F);
    }
  }
  const auto a = make_cpu_step(fast.net, fast.source, fast.targets, 2);
  const auto b = make_tensor_step(portable.net, portable.source, portable.targets);
  for (std::uint64_t t = 1; t <= 3; ++t) {
    for (auto* world : {&fast, &portable}) {
      auto input = world->input();
      input.loss = {0.5F, 2.0F};
      input.adam_time = t;
      input.gate_key = t;
      CHECK((world == &fast ? a : b)->run(input).finite);
    }
  }
  CHECK(a->open_counts() == b->open_counts());
  for (std::size_t l = 0; l < 3; ++l) {
    CAPTURE(l);
    CHECK(difference(fast.net.layers[l].weight.value, portable.net.layers[l].weight.value) < 1e-5);
    CHECK(difference(fast.net.layers[l].log_alpha.value, portable.net.layers[l].log_alpha.value) <
          1e-4);
    CHECK(difference(fast.net.layers[l].bias.average, portable.net.layers[l].bias.average) < 1e-5);
  }
}

TEST_CASE("loss and variance of the portable step agree with the fast one's") {
  World fast;
  World portable;
  const StepResult a = make_cpu_step(fast.net, fast.source, fast.targets, 1)->run(fast.input());
  const StepResult b =
      make_tensor_step(portable.net, portable.source, portable.targets)->run(portable.input());
  CHECK(a.loss == doctest::Approx(b.loss).epsilon(1e-6));
  CHECK(a.variance == doctest::Approx(b.variance).epsilon(1e-5));
  CHECK(a.regularizer == doctest::Approx(b.regularizer).epsilon(1e-6));
  CHECK(a.correct == b.correct);
}

TEST_CASE("soft targets reach the gradient") {
  World world;
  world.targets.classes = 4;
  world.targets.probabilities.assign(30 * 4, 0.25F);
  auto input = world.input();
  const auto plain = make_cpu_step(world.net, world.source, world.targets, 1);
  const double hard = plain->run(input).loss;
  input.loss = {1.0F, 2.0F};
  const double soft = plain->run(input).loss;
  CHECK(soft != doctest::Approx(hard));
}

TEST_CASE("the same step twice gives the same bits") {
  World a;
  World b;
  const auto step_a = make_cpu_step(a.net, a.source, a.targets, 2);
  const auto step_b = make_cpu_step(b.net, b.source, b.targets, 2);
  for (std::uint64_t t = 1; t <= 5; ++t) {
    auto input_a = a.input();
    auto input_b = b.input();
    input_a.gate_key = input_b.gate_key = t;
    input_a.adam_time = input_b.adam_time = t;
    step_a->run(input_a);
    step_b->run(input_b);
  }
  for (std::size_t l = 0; l < 3; ++l) {
    CHECK(torch::equal(a.net.layers[l].weight.value, b.net.layers[l].weight.value));
    CHECK(torch::equal(a.net.layers[l].log_alpha.average, b.net.layers[l].log_alpha.average));
  }
}

// A unit that is gone and a unit whose gate is 0 must be the same thing for the units that stay.
TEST_CASE("a step after shrinking equals the same step on the masked network") {
  World masked;
  World shrunk;
  masked.net.gated = shrunk.net.gated = false;
  const std::vector<int32_t> keep{0, 2, 3, 7};
  std::vector<int32_t> gone{1, 4, 5, 6, 8};
  for (const auto unit : gone) {
    masked.net.layers[1].weight.value[unit].zero_();
  }
  shrunk.net.keep_inputs(1, keep);
  auto input = masked.input();
  input.weight_decay = 0;
  make_cpu_step(masked.net, masked.source, masked.targets, 1)->run(input);
  make_cpu_step(shrunk.net, shrunk.source, shrunk.targets, 1)->run(input);
  const auto index = torch::tensor(std::vector<int64_t>(keep.begin(), keep.end()));
  const auto& kept = masked.net.layers;
  CHECK(difference(kept[1].weight.value.index_select(0, index), shrunk.net.layers[1].weight.value) <
        1e-6);
  CHECK(difference(kept[0].weight.value.index_select(1, index), shrunk.net.layers[0].weight.value) <
        1e-6);
  CHECK(difference(kept[2].weight.average, shrunk.net.layers[2].weight.average) < 1e-6);
}

TEST_CASE("open gates are counted once per step, and not at all while gates rest") {
  World world;
  const auto step = make_cpu_step(world.net, world.source, world.targets, 2);
  auto input = world.input();
  input.gates_rest = true;
  step->run(input);
  for (const auto& layer : step->open_counts()) {
    CHECK(std::accumulate(layer.begin(), layer.end(), 0U) == 0);
  }
  input.gates_rest = false;
  input.lr = input.gate_lr = 0;
  for (std::uint64_t t = 1; t <= 400; ++t) {
    input.gate_key = t;
    input.adam_time = t;
    step->run(input);
  }
  const auto& counts = step->open_counts()[0];
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const float log_alpha =
        world.net.layers[0].log_alpha.value[static_cast<int64_t>(i)].item<float>();
    CHECK(std::abs(counts[i] / 400.0 - static_cast<double>(open_probability(log_alpha))) < 0.1);
  }
}

TEST_CASE("a loss that is not finite moves no parameter") {
  World world;
  world.net.layers[2].bias.value[0] = std::numeric_limits<float>::infinity();
  const auto before = world.net.layers[0].weight.value.clone();
  const auto step = make_cpu_step(world.net, world.source, world.targets, 2);
  const StepResult result = step->run(world.input());
  CHECK_FALSE(result.finite);
  CHECK(torch::equal(before, world.net.layers[0].weight.value));
}

TEST_CASE("more threads than samples is no trouble") {
  World world;
  world.samples = {3};
  const auto step = make_cpu_step(world.net, world.source, world.targets, 4);
  const StepResult result = step->run(world.input());
  CHECK(result.finite);
  CHECK(result.variance == 0.0);
}

}  // namespace marvel::model
