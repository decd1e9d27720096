#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel {

// Files as wholes. There is no reader of pieces here: inputs are small, or their module has a
// reader of its own (regex/input.hpp).
//
// The whole file as bytes; pipes and files of /proc are read to their end. kInput when it is
// missing or unreadable, and for a folder. No bound on the size: whoever reads what strangers have
// written looks at it first.
Result<std::string> read_file(const std::filesystem::path& path);
// What is left of standard input, from where it stands: a file may have been read in part before.
Result<std::string> read_standard_input();

// Replaces `path` by `bytes` so that a crash at any moment leaves either the old file or the new
// one: writes `path`.tmp-XXXXXX with six random letters, syncs it, renames it, syncs the folder.
// kUnavailable when the disk is full or read-only; then the old file is untouched and the temporary
// one is gone. The same when `path` is a folder, a device or a FIFO, or a link to one. The folder
// must exist. The new file has the mode that the old one had, and has it before its first byte;
// where there was none, 0644 less the umask. A symbolic link at `path` is replaced, not followed;
// the mode is that of what it led to. Of two that write the same path at once the later one
// wins: where that is not good enough, keep them apart by a lock (folder_lock.hpp). Costs two calls
// of fsync, so some milliseconds on a disk.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// The same for what is not in memory as a whole. Without commit() the old file stays, and the
// temporary one goes with this object.
//   MARVEL_TRY(AtomicFile file, AtomicFile::open("model.npz"));
//   MARVEL_TRY_STATUS(file.write(header));
//   MARVEL_TRY_STATUS(file.write(values));
//   return file.commit();
// One thread at a time.
class AtomicFile {
 public:
  // kUnavailable when the temporary file cannot be made, or `path` is there and no regular file.
  // What a killed run has left of its temporary file stays.
  static Result<AtomicFile> open(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept = default;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // kUnavailable; then nothing more may be written.
  Status write(std::string_view bytes);
  // Once, as the last call. On failure the old file stays.
  Status commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, Fd file);
  [[nodiscard]] tl::unexpected<Error> failed(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  Fd file_;
};

}  // namespace marvel
