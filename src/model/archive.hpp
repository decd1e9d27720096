#pragma once

#include "base/result.hpp"
#include "model/gated_mlp.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace marvel::model {

// A file of named tensors and texts in LibTorch's own container (a zip with checksums).
// Writing is atomic, so a reader finds the old file or the new one, never a torn one.
class ArchiveWriter {
 public:
  ArchiveWriter();
  void put(const std::string& key, const torch::Tensor& tensor);
  void put(const std::string& key, const std::string& text);
  // All four tensors of every parameter, the kept indices and the gate flag, under `prefix`.
  void put(const std::string& prefix, const GatedMlp& net);
  // kUnavailable when the disk is full or read-only; then an existing file is untouched.
  Status save(const std::filesystem::path& path);

 private:
  torch::serialize::OutputArchive archive_;
};

class ArchiveReader {
 public:
  // kInput when the file is missing, truncated or damaged.
  static Result<ArchiveReader> open(const std::filesystem::path& path);
  // kInput when the key is missing.
  Result<torch::Tensor> tensor(const std::string& key);
  Result<std::string> text(const std::string& key);
  Result<GatedMlp> network(const std::string& prefix);

 private:
  std::string path_;
  torch::serialize::InputArchive archive_;
};

}  // namespace marvel::model
