#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/strategy/gated_model.hpp"

#include <filesystem>
#include <vector>

namespace marvel::federate {

// A perceptron from a file, with what must be known to use it.
struct PublishedModel {
  Model model;
  bool gated = false;
  std::vector<int> layers;        // units as they are now, from input to output
  std::vector<int> first_layers;  // when its run began
  Positions kept;                 // original positions of each layer's inputs
};

// A .npz. For one that federated DynHP has made smaller the checkpoint around it is asked which
// inputs are left. kInput when the file is no perceptron.
Result<PublishedModel> load_published(const std::filesystem::path& path);

}  // namespace marvel::federate
