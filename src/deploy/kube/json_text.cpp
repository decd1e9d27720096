#include "deploy/kube/json_text.hpp"

#include "config/json.hpp"

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

constexpr int kDeepest = 200;

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, const std::string& what) {
  if (nests_deeper(text, kDeepest)) {
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
