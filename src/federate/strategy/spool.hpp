#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "federate/strategy/update.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

namespace marvel::federate {

// A file for what is too large for memory. It has no name any more once it is open, so a crash
// leaves nothing behind; the disk is free again when the object is gone. Used by one thread at a
// time.
class SpoolFile {
 public:
  // kUnavailable when no file can be made in `folder`.
  static Result<SpoolFile> open(const std::filesystem::path& folder);

  // All of `bytes` from `offset` on; beyond the end the file grows. kUnavailable when the disk is
  // full; what was there may then be half replaced.
  [[nodiscard]] Status write(std::uint64_t offset, std::span<const std::byte> bytes) const;
  // Fills `bytes`. kUnavailable when the disk fails or the file ends before.
  [[nodiscard]] Status read(std::uint64_t offset, std::span<std::byte> bytes) const;

 private:
  SpoolFile(Fd file, std::filesystem::path folder)
      : file_(std::move(file)), folder_(std::move(folder)) {}

  Fd file_;
  std::filesystem::path folder_;
};

// All updates of a round on disk, because order statistics need every client's value of a
// coordinate at once: memory stays that of a block, disk is clients times model. All tensors of one
// update are laid end to end, each element a double in the machine's order, so a client takes 8
// bytes per parameter.
//
// Used by one thread at a time, one spool per round.
class Spool {
 public:
  // `elements`: of one update, all tensors together. kUnavailable when no file can be made in
  // `folder`.
  static Result<Spool> open(const std::filesystem::path& folder, std::size_t elements);

  // Adds one update, which was checked against `reference`. kUnavailable when the disk is full;
  // then the spool holds what it held.
  Status append(const Update& update, const Model& reference);
  [[nodiscard]] std::size_t updates() const { return updates_; }
  [[nodiscard]] std::size_t elements() const { return elements_; }

  // Coordinates [first, first + count) of every update, in the order in which they were added:
  // out[k * count + i], and `out` takes that size. The range must lie in the model. A system call
  // per update. kUnavailable when the disk fails.
  Status read(std::size_t first, std::size_t count, std::vector<double>& out) const;

 private:
  Spool(SpoolFile file, std::size_t elements) : file_(std::move(file)), elements_(elements) {}

  SpoolFile file_;
  std::size_t elements_ = 0;
  std::size_t updates_ = 0;
};

}  // namespace marvel::federate
