#include "base/error.hpp"

#include <ranges>

namespace marvel {

std::string_view errc_name(Errc code) {
  switch (code) {
    case Errc::kUsage:
      return "usage";
    case Errc::kInput:
      return "input";
    case Errc::kNotFound:
      return "not_found";
    case Errc::kDenied:
      return "denied";
    case Errc::kUnavailable:
      return "unavailable";
    case Errc::kTimeout:
      return "timeout";
    case Errc::kConflict:
      return "conflict";
    case Errc::kUnsupported:
      return "unsupported";
    case Errc::kFailed:
      return "failed";
    case Errc::kInternal:
      return "internal";
  }
  return "internal";
}

std::string_view reason_of(const Error& error) {
  return error.reason.empty() ? errc_name(error.code) : std::string_view(error.reason);
}

std::string describe(const Error& error) {
  std::string text;
  for (const auto& outer : error.context | std::views::reverse) {
    text += outer + ": ";
  }
  text += error.message;
  if (!error.hint.empty()) {
    text += "; " + error.hint;
  }
  return text;
}

}  // namespace marvel
