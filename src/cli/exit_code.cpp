#include "cli/exit_code.hpp"

namespace marvel::cli {

int exit_code(Errc code) {
  switch (code) {
    case Errc::kUsage:
    case Errc::kInput:
    case Errc::kUnsupported:
      return kExitUsage;
    case Errc::kNotFound:
    case Errc::kDenied:
    case Errc::kUnavailable:
    case Errc::kTimeout:
    case Errc::kConflict:
    case Errc::kFailed:
      return kExitOutside;
    case Errc::kInternal:
      return kExitBug;
  }
  return kExitBug;
}

int exit_code_of_signal(int signal) {
  return 128 + signal;
}

}  // namespace marvel::cli
