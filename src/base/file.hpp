#pragma once

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

}  // namespace marvel
