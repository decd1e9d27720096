#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace marvel::deploy::images {

// Bytes that are read at any place: a file, or memory in tests. Nothing of it is kept in memory but
// what is asked for, so an archive may be larger than that. Any number of threads may read.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Fills `buffer` with `count` bytes from `offset`. kInput when they are not all there, or the
  // disk fails; `buffer` may then be filled in part.
  [[nodiscard]] virtual Status read(std::uint64_t offset, char* buffer,
                                    std::size_t count) const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;  // for messages
};

// kInput when the file is missing or no regular file: an archive is read twice and out of order, so
// a pipe will not do. Stays open as long as somebody has the pointer. The size is that of the
// moment of opening; a file that shrinks meanwhile is an error of read.
Result<std::shared_ptr<const Source>> open_file(const std::filesystem::path& path);
std::shared_ptr<const Source> memory_source(std::string bytes, std::string name);

// All of [offset, offset + count) as a string. kInput beyond the end, before any memory is taken;
// the caller bounds `count` where the archive says it.
Result<std::string> read_range(const Source& source, std::uint64_t offset, std::uint64_t count);

}  // namespace marvel::deploy::images
