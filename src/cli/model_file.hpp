#pragma once

#include "base/env.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace marvel::cli {

// Models come from two sides: `compress train` writes a TorchScript model.pt, a federated run a
// model.npz of bare arrays. Commands that read a model take either, by the end of its name.
//
// The bytes of a model.pt with the outputs of the model.npz of a federated run. kInput when that is
// no perceptron, kUnsupported where the plug-in that links LibTorch is missing; loading that takes
// about 0.4 s.
Result<std::string> script_of(const std::filesystem::path& npz, const Environment& environment);

// A model that a command names, as compress reads it: a model.pt as it is, and the model.npz of a
// federated run as a model.pt of its own, which goes with this object. It lies in a folder of its
// own below $TMPDIR that only this user can look into. A killed run leaves it there.
//   MARVEL_TRY(const ModelFile file, ModelFile::open("run1/model.npz", environment));
//   ml->inspect(file.path(), context);
class ModelFile {
 public:
  // A name that does not end in ".npz" is passed on as it is: whether there is such a file shows
  // when it is read. kUnavailable when the temporary one cannot be made; else as for script_of.
  static Result<ModelFile> open(const std::string& named, const Environment& environment);
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  ModelFile(ModelFile&& other) noexcept;
  ModelFile& operator=(ModelFile&&) = delete;
  ~ModelFile();

  // For libraries that read it; not for messages, where the name that was given belongs.
  [[nodiscard]] const std::string& path() const { return path_; }
  // Size of the file that was named, for reports. Means nothing where there is none.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  ModelFile() = default;

  std::string path_;
  std::uint64_t bytes_ = 0;
  std::filesystem::path folder_;  // to be removed; empty: nothing was made
};

}  // namespace marvel::cli
