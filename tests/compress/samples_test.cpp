#include "compress/samples.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::compress {
namespace {

// Images of 2x2 pixels with the labels given.
data::ImageSet images(const std::vector<std::uint8_t>& labels) {
  data::ImageSet set;
  set.rows = 2;
  set.columns = 2;
  set.labels = labels;
  set.pixels.resize(labels.size() * 4);
  return set;
}

TrainOptions network(std::vector<int> layers, int validation) {
  TrainOptions options;
  options.layers = std::move(layers);
  options.validation = validation;
  return options;
}

data::Dataset four_images() {
  return {"toy", {}, images({0, 1, 2, 1}), images({2, 0})};
}

}  // namespace

TEST_CASE("a split has every sample once, and the same key gives the same split") {
  const Split split = split_samples(1000, 100, 7);
  CHECK(split.train.size() == 900);
  CHECK(split.validation.size() == 100);
  std::vector<std::uint32_t> all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  std::sort(all.begin(), all.end());
  CHECK(all == all_samples(1000));
  CHECK(split_samples(1000, 100, 7).validation == split.validation);
  CHECK(split_samples(1000, 100, 8).validation != split.validation);
}

TEST_CASE("a validation part of none leaves all samples to learn") {
  CHECK(split_samples(5, 0, 1).train.size() == 5);
  CHECK(split_samples(5, 0, 1).validation.empty());
}

TEST_CASE("images that fit the network are taken") {
  CHECK(check_samples(network({4, 3, 3}, 1), four_images()).has_value());
}

TEST_CASE("images of another size are refused with the size that would do") {
  const auto status = check_samples(network({784, 3, 3}, 1), four_images());
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == Errc::kInput);
  CHECK(status.error().message ==
        "the network has 784 inputs, but the images of 'toy' have 2x2 = 4 pixels");
  CHECK(status.error().hint == "begin --layers with 4");
}

TEST_CASE("labels beyond the outputs are refused, of training and of test images") {
  CHECK(check_samples(network({4, 3, 2}, 1), four_images()).error().code == Errc::kInput);
  auto data = four_images();
  data.test.labels[1] = 3;
  CHECK(check_samples(network({4, 3, 3}, 1), data).error().code == Errc::kInput);
}

TEST_CASE("a validation part must leave something to learn") {
  CHECK(check_samples(network({4, 3, 3}, 3), four_images()).has_value());
  CHECK(check_samples(network({4, 3, 3}, 4), four_images()).error().code == Errc::kUsage);
}

}  // namespace marvel::compress
