#include "deploy/kube/api_error.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

constexpr std::size_t kLongestMessage = 2000;
constexpr std::size_t kMostCauses = 100;

struct Kind {
  Errc code;
  const char* reason;
  const char* hint;
};

Kind kind_of(int code) {
  switch (code) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return {Errc::kInput, "rejected", ""};
    case 401:
      return {Errc::kDenied, "unauthorized", "log in again, or choose another --context"};
    case 403:
      return {Errc::kDenied, "forbidden", "ask for the right, or choose another --context"};
    case 404:
      return {Errc::kNotFound, "not_found", ""};
    case 409:
      return {Errc::kConflict, "conflict", ""};
    case 410:
      return {Errc::kConflict, "expired", "run it again"};
    case 408:
    case 504:
      return {Errc::kTimeout, "timeout", "run it again"};
    default:
      return {Errc::kUnavailable, "unavailable", "run it again later"};
  }
}

std::string fallback_message(int http_status, std::string_view body) {
  const std::string text = "the server answered " + std::to_string(http_status);
  std::string excerpt(body.substr(0, 200));
  std::replace_if(
      excerpt.begin(), excerpt.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return excerpt.empty() ? text : text + ": " + excerpt;
}

}  // namespace

ApiStatus read_status(int http_status, std::string_view body) {
  ApiStatus status;
  status.code = http_status;
  const auto parsed = parse_json(body, "the answer");
  if (!parsed || text(*parsed, {"kind"}) != "Status") {
    status.message = fallback_message(http_status, body);
    return status;
  }
  status.reason = text(*parsed, {"reason"});
  status.message = text(*parsed, {"message"}).substr(0, kLongestMessage);
  if (status.message.empty()) {
    status.message = fallback_message(http_status, "");
  }
  const auto& causes = field(*parsed, {"details", "causes"});
  for (std::size_t i = 0; causes.is_array() && i < std::min(causes.size(), kMostCauses); ++i) {
    Cause cause{text(causes[i], {"reason"}), text(causes[i], {"message"}),
                text(causes[i], {"field"})};
    if (std::find(status.causes.begin(), status.causes.end(), cause) == status.causes.end()) {
      status.causes.push_back(std::move(cause));
    }
  }
  return status;
}

Error to_error(const ApiStatus& status, const std::string& what) {
  const Kind kind = kind_of(status.code);
  return {kind.code, what + ": " + status.message, kind.hint, {}, kind.reason};
}

}  // namespace marvel::kube
