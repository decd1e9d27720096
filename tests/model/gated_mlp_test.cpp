#include "model/gated_mlp.hpp"

#include "model/evaluate.hpp"
#include "model/network_builder.hpp"

#include <doctest/doctest.h>

namespace marvel::model {
namespace {

const std::vector<int> kWidths{12, 9, 7, 4};

BatchSource source_for(const GatedMlp& net, const data::ImageSet& set) {
  BatchSource source(set, test::first_samples(set.size()), {});
  source.keep_inputs(net.layers[0].inputs);
  return source;
}

torch::Tensor outputs(const GatedMlp& net, const data::ImageSet& set) {
  const auto source = source_for(net, set);
  return predict(net, source, source.plain_variant(), Weights::kAverage);
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace

TEST_CASE("parameter counts are those of the literature") {
  CHECK(mlp_parameters(std::vector<int>{784, 300, 100, 10}) == 266'610);
  CHECK(mlp_macs(std::vector<int>{784, 300, 100, 10}) == 266'200);
  CHECK(mlp_parameters(std::vector<int>{266, 88, 33, 10}) == 26'773);
  CHECK(mlp_parameters(std::vector<int>{97, 71, 33, 10}) == 9'674);
  CHECK(mlp_parameters(std::vector<int>{247, 69, 54, 10}) == 21'442);
  CHECK(mlp_parameters(std::vector<int>{355, 96, 66, 10}) == 41'248);
}

TEST_CASE("a seed fixes the network, and weights have He's variance") {
  const std::vector<double> rates{0.2, 0.5};
  const std::vector<int> widths{400, 300, 10};
  const auto a = GatedMlp::make(widths, rates, 3);
  const auto b = GatedMlp::make(widths, rates, 3);
  const auto c = GatedMlp::make(widths, rates, 4);
  CHECK(torch::equal(a.layers[0].weight.value, b.layers[0].weight.value));
  CHECK_FALSE(torch::equal(a.layers[0].weight.value, c.layers[0].weight.value));
  CHECK(a.layers[0].weight.value.var().item<double>() == doctest::Approx(2.0 / 400).epsilon(0.03));
  CHECK(a.layers[0].log_alpha.value.mean().item<double>() ==
        doctest::Approx(std::log(4.0)).epsilon(0.01));
}

TEST_CASE("folding the gates changes no output and removes the closed units") {
  auto net = test::spread_network(kWidths, 1);
  const auto set = test::random_images(50, 3, 4, 4, 2);
  const auto before = outputs(net, set);
  net.fold_gates();
  CHECK_FALSE(net.gated);
  CHECK(net.layers[0].in() < 12);
  CHECK(net.layers[1].in() < 9);
  CHECK(difference(outputs(net, set), before) < 1e-5);
}

TEST_CASE("several teachers answer with the mean of their probabilities") {
  const auto a = test::spread_network(kWidths, 1);
  const auto b = test::spread_network(kWidths, 2);
  const auto set = test::random_images(20, 3, 4, 4, 2);
  BatchSource source(set, test::first_samples(20), {0, true});
  const std::vector bases(2, InputBasis::kPixels);
  const auto one = make_soft_targets({&a, 1}, {bases.data(), 1}, source, 2.0);
  const auto two = make_soft_targets({&b, 1}, {bases.data(), 1}, source, 2.0);
  const auto both = make_soft_targets(std::vector{a, b}, bases, source, 2.0);
  for (std::size_t i = 0; i < both.probabilities.size(); ++i) {
    CHECK(both.probabilities[i] ==
          doctest::Approx(0.5 * (one.probabilities[i] + two.probabilities[i])));
  }
}

TEST_CASE("a teacher is shown the images in its own basis") {
  const auto a = test::spread_network({16, 9, 4}, 1);
  const auto b = test::spread_network({16, 9, 4}, 2);
  const auto set = test::random_images(20, 4, 4, 4, 2);
  BatchSource source(set, test::first_samples(20), {0, true});
  const std::vector bases{InputBasis::kHaar, InputBasis::kPixels};
  const auto both = make_soft_targets(std::vector{a, b}, bases, source, 2.0);
  BatchSource haar(set, test::first_samples(20), {0, true}, InputBasis::kHaar);
  const auto one = make_soft_targets({&a, 1}, {bases.data(), 1}, haar, 2.0);
  const auto two = make_soft_targets({&b, 1}, {bases.data() + 1, 1}, haar, 2.0);
  for (std::size_t i = 0; i < both.probabilities.size(); ++i) {
    CHECK(both.probabilities[i] ==
          doctest::Approx(0.5 * (one.probabilities[i] + two.probabilities[i])));
  }
  // The last one's basis is what is left.
  CHECK(predict(b, source, 0, Weights::kAverage).equal(predict(b, haar, 0, Weights::kAverage)));
}

TEST_CASE("a masked network of full size gives what the shrunk one gives") {
  auto net = test::spread_network(kWidths, 5);
  const auto set = test::random_images(40, 3, 4, 4, 6);
  net.keep_inputs(0, {1, 3, 4, 8, 11});
  net.keep_inputs(1, {0, 2, 5});
  net.keep_inputs(2, {3, 6});
  net.fold_gates();
  const auto masked = masked_network(net, kWidths);
  CHECK(masked.widths() == kWidths);
  CHECK(difference(outputs(masked, set), outputs(net, set)) < 1e-5);
}

TEST_CASE("removing a unit slices weights, biases, moments, averages and gates alike") {
  auto net = test::spread_network(kWidths, 7);
  for (auto* tensor : {&net.layers[0].weight.moment1, &net.layers[0].weight.moment2,
                       &net.layers[0].weight.average}) {
    tensor->copy_(net.layers[0].weight.value);
  }
  const auto w0 = net.layers[0].weight.value.clone();
  const auto w1 = net.layers[1].weight.value.clone();
  const auto b0 = net.layers[0].bias.value.clone();
  net.keep_inputs(1, {0, 4, 8});
  const auto kept = torch::tensor(std::vector<int64_t>{0, 4, 8});
  CHECK(torch::equal(net.layers[1].weight.value, w1.index_select(0, kept)));
  CHECK(torch::equal(net.layers[0].bias.value, b0.index_select(0, kept)));
  for (const auto* tensor : {&net.layers[0].weight.value, &net.layers[0].weight.moment1,
                             &net.layers[0].weight.moment2, &net.layers[0].weight.average}) {
    CHECK(torch::equal(*tensor, w0.index_select(1, kept)));
  }
  CHECK(net.layers[1].log_alpha.value.size(0) == 3);
  CHECK(net.layers[1].inputs == std::vector<int32_t>{0, 4, 8});
}

TEST_CASE("original indices survive repeated pruning, strictly increasing") {
  auto net = test::spread_network(kWidths, 8);
  net.keep_inputs(0, {0, 2, 5, 6, 9, 11});
  net.keep_inputs(0, {1, 3, 5});
  CHECK(net.layers[0].inputs == std::vector<int32_t>{2, 6, 11});
}

TEST_CASE("a layer whose gates are all closed keeps its most open unit") {
  auto net = test::spread_network(kWidths, 9);
  net.layers[1].log_alpha = Parameter::from(torch::linspace(-4.5, -4.0, 9, torch::kFloat32));
  net.fold_gates();
  CHECK(net.layers[1].inputs == std::vector<int32_t>{8});
}

}  // namespace marvel::model
