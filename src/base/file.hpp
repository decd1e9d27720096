#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel {

// The whole file as bytes. kInput when it is missing or unreadable.
Result<std::string> read_file(const std::filesystem::path& path);

// Replaces `path` by `bytes` so that a crash at any moment leaves either the old file or the new
// one: writes `path`.tmp, syncs it, renames it, syncs the folder. kUnavailable when the disk is
// full or read-only; then the old file is untouched and the temporary one is gone.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// The same for what is not in memory as a whole. Without commit() the old file stays.
class AtomicFile {
 public:
  static Result<AtomicFile> open(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept = default;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // kUnavailable; then nothing more may be written.
  Status write(std::string_view bytes);
  Status commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, Fd file);
  [[nodiscard]] tl::unexpected<Error> failed(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  Fd file_;
};

}  // namespace marvel
