#pragma once

#include "base/env.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace marvel::cli {

// The bytes of a model.pt with the outputs of the model.npz of a federated run. kInput when that is
// no perceptron, kUnsupported where the plug-in that links LibTorch is missing.
Result<std::string> script_of(const std::filesystem::path& npz, const Environment& environment);

// A model that a command names, as compress reads it: a model.pt as it is, and the model.npz of a
// federated run as a model.pt of its own, which goes with this object.
class ModelFile {
 public:
  static Result<ModelFile> open(const std::string& named, const Environment& environment);
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  ModelFile(ModelFile&& other) noexcept;
  ModelFile& operator=(ModelFile&&) = delete;
  ~ModelFile();

  [[nodiscard]] const std::string& path() const { return path_; }
  // Of the file that was named.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  ModelFile() = default;

  std::string path_;
  std::uint64_t bytes_ = 0;
  std::filesystem::path folder_;  // to be removed; empty: nothing was made
};

}  // namespace marvel::cli
