#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/strategy/gated_model.hpp"

#include <filesystem>
#include <vector>

namespace marvel::federate {

// A perceptron from a file, with what must be known to use it.
//
// A network that has shrunk from 784 inputs to 312 is of no use to who does not know which pixels
// they are. `kept[l][i]` is the position at the start of the run of what is input i of layer l;
// where nothing has left, `layers` and `first_layers` are the same and `kept` counts from 0 up.
struct PublishedModel {
  Model model;
  bool gated = false;
  std::vector<int> layers;        // units as they are now, from input to output
  std::vector<int> first_layers;  // when its run began
  Positions kept;                 // original positions of each layer's inputs
};

// A .npz. Of one with gates federated DynHP may have taken inputs away, and the file does not tell:
// the checkpoint around it is asked which are left. kInput when the file is no perceptron, is
// missing or damaged, or has gates and no checkpoint around it that fits it, as for a copy of the
// file alone, a file of an earlier round, or for a moment while a server replaces the round. Reads
// the checkpoint's model and moments, too, and takes no lock, so a server may be running there.
Result<PublishedModel> load_published(const std::filesystem::path& path);

}  // namespace marvel::federate
