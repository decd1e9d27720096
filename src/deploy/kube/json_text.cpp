#include "deploy/kube/json_text.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

constexpr int kDeepest = 200;

// nlohmann reads any depth but writes by recursion, so depth is bounded before reading.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) {
        return true;
      }
    } else if (c == '}' || c == ']') {
      depth = std::max(depth - 1, 0);
    }
  }
  return false;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, const std::string& what) {
  if (too_deep(text)) {
    return fail(Errc::kInput, what + " is nested deeper than 200 levels");
  }
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    return fail(Errc::kInput, what + " is not JSON");
  }
  return value;
}

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace marvel::kube
