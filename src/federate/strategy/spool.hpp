#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "federate/strategy/update.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

namespace marvel::federate {

// All updates of a round on disk, because order statistics need every client's value of a
// coordinate at once: memory stays that of a block, disk is clients times model. All tensors of
// one update are laid end to end. The file has no name any more once it is open, so a crash
// leaves nothing behind.
class Spool {
 public:
  // kUnavailable when no file can be made in `folder`.
  static Result<Spool> open(const std::filesystem::path& folder, std::size_t elements);

  // Adds one update. kUnavailable when the disk is full; then the spool holds what it held.
  Status append(const Update& update, const Model& reference);
  [[nodiscard]] std::size_t updates() const { return updates_; }
  [[nodiscard]] std::size_t elements() const { return elements_; }

  // Coordinates [first, first + count) of every update: out[k * count + i].
  Status read(std::size_t first, std::size_t count, std::vector<double>& out) const;

 private:
  Spool(Fd file, std::size_t elements) : file_(std::move(file)), elements_(elements) {}
  [[nodiscard]] Status write(std::uint64_t offset, std::span<const double> values) const;

  Fd file_;
  std::size_t elements_ = 0;
  std::size_t updates_ = 0;
};

}  // namespace marvel::federate
