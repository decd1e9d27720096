#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace marvel::deploy::images {

// Bytes that are read at any place: a file, or memory in tests. Any number of threads may read.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Fills `buffer` with `count` bytes from `offset`. kInput when they are not all there.
  [[nodiscard]] virtual Status read(std::uint64_t offset, char* buffer,
                                    std::size_t count) const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;  // for messages
};

// kInput when the file is missing or no regular file: an archive is read twice and out of order,
// so a pipe will not do.
Result<std::shared_ptr<const Source>> open_file(const std::filesystem::path& path);
std::shared_ptr<const Source> memory_source(std::string bytes, std::string name);

// All of [offset, offset + count) as a string.
Result<std::string> read_range(const Source& source, std::uint64_t offset, std::uint64_t count);

}  // namespace marvel::deploy::images
