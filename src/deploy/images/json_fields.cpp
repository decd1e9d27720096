#include "deploy/images/json_fields.hpp"

#include "config/json.hpp"

#include <nlohmann/json.hpp>

namespace marvel::deploy::images {
namespace {

constexpr int kDeepest = 64;

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& what) {
  Json document = nests_deeper(text, kDeepest)
                      ? Json(Json::value_t::discarded)
                      : Json::parse(text.begin(), text.end(), nullptr, false);
  if (document.is_discarded()) {
    return fail(Errc::kInput, what + " is no usable JSON");
  }
  return document;
}

const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) {
    return kNull;
  }
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string text_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string();
}

std::optional<std::uint64_t> number_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_number_unsigned() ? std::optional(value.get<std::uint64_t>()) : std::nullopt;
}

std::vector<std::string> texts_of(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const Json& list = member(object, key);
  if (list.is_array()) {
    for (const Json& item : list) {
      if (item.is_string()) {
        texts.push_back(item.get<std::string>());
      }
    }
  }
  return texts;
}

}  // namespace marvel::deploy::images
