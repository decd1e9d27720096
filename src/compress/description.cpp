#include "compress/description.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

using nlohmann::ordered_json;

bool has_our_schema(const ordered_json& json) {
  // Of what is no object value() would throw, and so it would for a schema that is no string.
  return json.is_object() && json.contains("schema") &&
         json.at("schema") == "marvel.compress.model/1";
}

bool is_network(const std::vector<int>& widths) {
  return widths.size() >= 2 &&
         std::all_of(widths.begin(), widths.end(), [](int width) { return width >= 1; });
}

tl::unexpected<Error> damaged(const std::string& path, std::string_view why) {
  return fail(Errc::kInput, fmt::format("'{}' has a damaged description: {}", path, why));
}

}  // namespace

Result<Description> parse_description(const std::string& text, const std::string& path) {
  const auto json = ordered_json::parse(text, nullptr, false);
  if (!has_our_schema(json)) {
    return fail(Errc::kInput,
                fmt::format("'{}' carries no description that this version reads", path));
  }
  Description description;
  try {
    json.at("architecture").get_to(description.architecture);
    json.at("architecture_dense").get_to(description.architecture_dense);
    json.at("parameters").get_to(description.parameters);
    json.at("macs").get_to(description.macs);
    description.macs_inputs = json.value("macs_inputs", std::uint64_t{0});
    const auto input = json.value("input", ordered_json::object());
    if (input.value("basis", "pixels") != "pixels") {
      input.at("rows").get_to(description.rows);
      input.at("columns").get_to(description.columns);
    }
  } catch (const ordered_json::exception& error) {
    return damaged(path, error.what());
  }
  if (!is_network(description.architecture) || !is_network(description.architecture_dense)) {
    return damaged(path, "its layers are those of no network");
  }
  description.json = json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  return description;
}

}  // namespace marvel::compress
