// Our own writer: yaml-cpp's drops the quotes of "3".
#include "deploy/manifest.hpp"
#include "deploy/scalar.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

// Whether a block scalar says `text` exactly: printable, its last line ended by at most one line
// end, and no line that begins with a blank first or is made of blanks.
bool fits_block(const std::string& text) {
  if (text.find('\n') == std::string::npos || text.front() == ' ' || text.front() == '\n' ||
      text.front() == '\t' || text.ends_with("\n\n")) {
    return false;
  }
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte < 0x7F) || c == '\n' || c == '\t';
  });
  return printable && text.find(" \n") == std::string::npos &&
         text.find("\t\n") == std::string::npos && text.back() != ' ' && text.back() != '\t';
}

std::string block(const std::string& text, std::size_t indent) {
  std::string out = text.back() == '\n' ? "|" : "|-";
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    out += "\n";
    if (end > begin) {
      out += std::string(indent, ' ') + text.substr(begin, end - begin);
    }
    begin = end + 1;
  }
  return out;
}

// The bytes of characters that readers refuse or take for line ends, and YAML's escapes for them.
std::string escape_rare(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    const bool c1 =
        rest.size() > 1 && rest[0] == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0;
    if (rest[0] == '\x7F') {
      out += "\\x7f";
    } else if (c1) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(rest[1]);
      out += std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
      i += 1;
    } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      out += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else if (rest.starts_with("\xEF\xBB\xBF")) {
      out += "\\ufeff";
      i += 2;
    } else if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
      out += rest[2] == '\xBE' ? "\\ufffe" : "\\uffff";
      i += 2;
    } else {
      out += rest[0];
    }
  }
  return out;
}

std::string quoted(const std::string& text) {
  // JSON's escapes are YAML's. Other letters stay as they are: "\ud83d\ude00" is one letter to
  // JSON and none to YAML.
  return escape_rare(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

// JSON's 1e-07 is text to YAML 1.1, which wants a point.
std::string number(const Json& value) {
  std::string text = value.dump();
  const auto exponent = text.find('e');
  if (value.is_number_float() && exponent != std::string::npos &&
      text.find('.') == std::string::npos) {
    text.insert(exponent, ".0");
  }
  return text;
}

std::string scalar(const Json& value, std::size_t indent) {
  if (!value.is_string()) {
    return value.is_number() ? number(value) : value.dump();
  }
  const auto& text = value.get_ref<const std::string&>();
  if (!text.empty() && fits_block(text)) {
    return block(text, indent);
  }
  return needs_quotes(text) ? quoted(text) : text;
}

std::string key_text(const std::string& key) {
  return needs_quotes(key) ? quoted(key) : key;
}

// YAML 1.2, section 7.4.3: a key before ":" has at most 1024 characters. Longer ones follow "?".
constexpr std::size_t kLongestImplicitKey = 1000;

void write(std::string& out, const Json& value, std::size_t indent);

// What follows "key:" or "-".
void write_value(std::string& out, const Json& value, std::size_t indent) {
  if (value.is_structured() && !value.empty()) {
    out += "\n";
    write(out, value, indent);
  } else {
    out += " " + scalar(value, indent) + "\n";
  }
}

void write_list(std::string& out, const Json& list, std::size_t indent) {
  const std::string blanks(indent, ' ');
  for (const Json& item : list) {
    out += blanks + "-";
    if (item.is_structured() && !item.empty()) {
      std::string inner;
      write(inner, item, indent + 2);
      out += " " + inner.substr(indent + 2);  // the first line stands behind the dash
    } else {
      out += " " + scalar(item, indent + 2) + "\n";
    }
  }
}

void write(std::string& out, const Json& value, std::size_t indent) {
  if (value.is_array()) {
    write_list(out, value, indent);
    return;
  }
  const std::string blanks(indent, ' ');
  for (const auto& [key, member] : value.items()) {
    const std::string name = key_text(key);
    const bool implicit = name.size() <= kLongestImplicitKey;
    out += blanks + (implicit ? name : "? " + name + "\n" + blanks) + ":";
    const bool beside = implicit && member.is_array() && !member.empty();
    write_value(out, member, beside ? indent : indent + 2);
  }
}

}  // namespace

std::string write_yaml(const std::vector<Object>& objects) {
  std::string out;
  for (const Object& object : objects) {
    out += out.empty() ? "" : "---\n";
    write(out, object.body(), 0);
  }
  return out;
}

}  // namespace marvel::deploy
