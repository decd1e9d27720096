#pragma once

#include "base/result.hpp"
#include "model/gated_mlp.hpp"
#include "model/haar.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace marvel::model {

// A self-contained TorchScript module of a folded network (docs/formats/model-pt.md): takes float32
// images in [0, 1], [N, 784] or [N, 1, 28, 28], and gives logits [N, classes]. Removed inputs and
// units are gone; images are brought into the network's basis and the kept inputs picked inside.
// Plain PyTorch loads it with torch.jit.load,
// and its attribute `marvel` is `description`, a JSON text. It has the averaged parameters,
// float32. Of `form` rows and columns matter in the Haar basis only. Returns the file's bytes;
// kInternal when LibTorch cannot encode them.
Result<std::string> encode_script_model(const GatedMlp& net, const std::string& description,
                                        const InputForm& form = {});

// A loaded module; copies share it, and so to() and to_double() of one change all. Not thread-safe.
// Exceptions of LibTorch end in load() and predict().
class ScriptModel {
 public:
  // kInput when the file is missing, damaged, or not written by marvel.
  static Result<ScriptModel> load(const std::filesystem::path& path);

  [[nodiscard]] const std::string& description() const { return description_; }
  // Logits of `images` [N, pixels], whole images on the module's device. kInput when the shape does
  // not fit.
  Result<torch::Tensor> predict(const torch::Tensor& images);
  void to(torch::Device device);
  // Computes in double precision from now on, for comparisons; images must be double then.
  void to_double();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  std::string description_;
};

}  // namespace marvel::model
