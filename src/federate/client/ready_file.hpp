#pragma once

#include "base/log.hpp"

#include <filesystem>

namespace marvel::federate {

// A file that is there while the client has a link to its server, for whoever watches the process
// from outside: a client has no port that could be asked.
class ReadyFile {
 public:
  // Removes what a process that was killed has left. Empty: nothing is ever written. `log` must
  // outlive this.
  ReadyFile(std::filesystem::path path, Log& log);
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;
  ~ReadyFile() { hide(); }

  // What cannot be written is a warning, once: the work goes on. The file is empty; that it is
  // there is all it says.
  void show();
  void hide();

 private:
  std::filesystem::path path_;
  Log& log_;
  bool warned_ = false;
};

}  // namespace marvel::federate
