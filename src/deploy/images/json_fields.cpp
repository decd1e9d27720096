#include "deploy/images/json_fields.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::deploy::images {
namespace {

constexpr int kDeepest = 64;

// Brackets outside of strings.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (quoted) {
      i += letter == '\\' ? 1 : 0;
      quoted = letter != '"';
    } else if (letter == '"') {
      quoted = true;
    } else if (letter == '{' || letter == '[') {
      if (++depth > kDeepest) {
        return true;
      }
    } else if (letter == '}' || letter == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& what) {
  Json document = is_too_deep(text) ? Json(Json::value_t::discarded)
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
