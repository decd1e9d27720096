#pragma once

#include "base/result.hpp"
#include "compress/options.hpp"
#include "data/dataset.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marvel::compress {

// Indices of training images: those that are learned and those held back. Every image is in one of
// the two, once; both are in random order.
struct Split {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
};

// A random split that depends on the key alone; 0 <= validation < count. The same key always holds
// back the same images, so a resumed run and its repetition see the same ones.
Split split_samples(std::size_t count, int validation, std::uint64_t key);

// 0 .. count - 1: for a BatchSource of a whole set.
std::vector<std::uint32_t> all_samples(std::size_t count);

// Whether the images are those the network is for; a first look, before anything is written.
//   kInput : their number of pixels is not that of inputs, or a label is beyond the outputs
//   kUsage : the validation part leaves nothing to learn
Status check_samples(const TrainOptions& options, const data::Dataset& data);

}  // namespace marvel::compress
