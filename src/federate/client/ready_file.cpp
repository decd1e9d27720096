#include "federate/client/ready_file.hpp"

#include "base/file.hpp"

#include <system_error>
#include <utility>

namespace marvel::federate {

ReadyFile::ReadyFile(std::filesystem::path path, Log& log) : path_(std::move(path)), log_(log) {
  hide();
}

void ReadyFile::show() {
  if (path_.empty()) {
    return;
  }
  const Status written = write_file_atomically(path_, "");
  if (!written && !std::exchange(warned_, true)) {
    log_.warning("--ready-file: " + written.error().message);
  }
}

void ReadyFile::hide() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace marvel::federate
