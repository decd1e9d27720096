// The file of this folder that sees nlohmann-json. It throws; nothing thrown leaves this file.
#include "config/json.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <exception>

#include <nlohmann/json.hpp>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/null.h>

namespace marvel {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

template <class Work>
Result<std::string> with_document(const std::string& json, const Work& work) {
  try {
    return work(Json::parse(json));
  } catch (const std::exception& error) {
    return fail(Errc::kInternal, std::string("a document of ours is not JSON: ") + error.what());
  }
}

void emit_yaml(YAML::Emitter& out, const Json& value) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, member] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      emit_yaml(out, member);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    const bool flat = std::none_of(value.begin(), value.end(),
                                   [](const Json& item) { return item.is_structured(); });
    out << (flat ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
    for (const auto& item : value) {
      emit_yaml(out, item);
    }
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    // Always quoted: a bare "no" or "1e3" would come back as another type.
    out << YAML::DoubleQuoted << value.get<std::string>();
  } else if (value.is_null()) {
    out << YAML::LowerNull << YAML::Null;  // as text it would be quoted
  } else {
    out << dump(value, -1);
  }
}

std::string escape_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    line += c == '\t' ? "\\t" : c == '\n' ? "\\n" : std::string(1, c);
  }
  return line;
}

std::string leaf(const Json& value) {
  if (value.is_null()) {
    return "";
  }
  return value.is_string() ? escape_line(value.get<std::string>()) : dump(value, -1);
}

std::string leaf_list(const Json& list) {
  std::vector<std::string> items;
  std::transform(list.begin(), list.end(), std::back_inserter(items), leaf);
  return join(items, ",");
}

void add_plain(std::string& out, const std::string& path, const Json& value) {
  const bool is_list = value.is_array() && std::none_of(value.begin(), value.end(), [](auto& item) {
                         return item.is_structured();
                       });
  if (is_list || !value.is_structured()) {
    out += path + "\t" + (is_list ? leaf_list(value) : leaf(value)) + "\n";
    return;
  }
  for (const auto& [key, member] : value.items()) {
    add_plain(out, path.empty() ? key : path + "." + key, member);
  }
}

}  // namespace

std::string json_string(std::string_view text) {
  return dump(Json(std::string(text)), -1);
}

std::string json_object(const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : members) {
    parts.push_back(json_string(name) + ": " + value);
  }
  return "{" + join(parts, ", ") + "}";
}

Result<std::string> pretty_json(const std::string& json) {
  return with_document(json, [](const Json& document) { return dump(document, 2) + "\n"; });
}

Result<std::string> yaml_from_json(const std::string& json) {
  return with_document(json, [](const Json& document) {
    YAML::Emitter out;
    emit_yaml(out, document);
    return std::string(out.c_str()) + "\n";
  });
}

Result<std::string> plain_from_json(const std::string& json) {
  return with_document(json, [](const Json& document) {
    std::string out;
    add_plain(out, "", document);
    return out;
  });
}

bool nests_deeper(std::string_view json, int levels) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char letter = json[i];
    if (quoted) {
      i += letter == '\\' ? 1 : 0;
      quoted = letter != '"';
    } else if (letter == '"') {
      quoted = true;
    } else if (letter == '{' || letter == '[') {
      if (++depth > levels) {
        return true;
      }
    } else if (letter == '}' || letter == ']') {
      depth = std::max(depth - 1, 0);
    }
  }
  return false;
}

}  // namespace marvel
