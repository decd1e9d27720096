#pragma once

#include "base/result.hpp"
#include "model/gated_mlp.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace marvel::model {

// A file of named tensors and texts in LibTorch's own container (a zip with checksums), for
// checkpoints (docs/formats/checkpoint.md). Writing is atomic, so a reader finds the old file or
// the new one, never a torn one.
//   ArchiveWriter archive;
//   archive.put("fingerprint", text);
//   archive.put("net", net);
//   MARVEL_TRY_STATUS(archive.save(path));
// Writer and reader are each used by one thread. Keys of a network are PREFIX.shape,
// PREFIX.layerN.inputs and PREFIX.layerN.weight.value, .moment1 and so on.
class ArchiveWriter {
 public:
  ArchiveWriter();
  // A tensor is copied to the CPU if it lies elsewhere; otherwise the writer shares its memory
  // until save(), so it must not change before.
  void put(const std::string& key, const torch::Tensor& tensor);
  void put(const std::string& key, const std::string& text);
  // All four tensors of every parameter, the kept indices and the gate flag, under `prefix`.
  void put(const std::string& prefix, const GatedMlp& net);
  // kUnavailable when the disk is full or read-only; then an existing file is untouched. kInternal
  // when LibTorch cannot encode what was put. Takes memory for the whole file.
  Status save(const std::filesystem::path& path);

 private:
  torch::serialize::OutputArchive archive_;
};

// What an ArchiveWriter has saved, read as a whole when it is opened.
class ArchiveReader {
 public:
  // kInput when the file is missing, truncated or damaged.
  static Result<ArchiveReader> open(const std::filesystem::path& path);
  // kInput when the key is missing, or is not of that kind. Tensors are on the CPU.
  Result<torch::Tensor> tensor(const std::string& key);
  Result<std::string> text(const std::string& key);
  // Its tensors' shapes are not held against each other.
  Result<GatedMlp> network(const std::string& prefix);

 private:
  std::string path_;
  torch::serialize::InputArchive archive_;
};

}  // namespace marvel::model
