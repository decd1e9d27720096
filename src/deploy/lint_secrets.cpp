// What looks like a secret and stands where everybody can read it. Names decide ("DB_PASSWORD",
// "--api-key"), and passwords inside URLs. What only refers to a secret (a path, a shell's
// variable, a variable of the template) is none. No message repeats the secret.
#include "base/text.hpp"
#include "deploy/lint_rules.hpp"
#include "deploy/targets.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

constexpr const char* kRule = "secret-in-sight";

Path operator/(Path path, const std::string& part) {
  path.push_back(part);
  return path;
}

// "DB_PASSWORD" for "db.password", "--db-password" and "dbPassword".
std::string as_variable(std::string_view name) {
  std::string words;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool after_lower = !words.empty() && words.back() >= 'a' && words.back() <= 'z';
    words += upper && after_lower ? "_" : "";
    words += c == '.' || c == '-' ? '_' : c;
  }
  return to_upper(words);
}

bool is_secret_name(std::string_view name) {
  const std::string upper = as_variable(name);
  constexpr std::array<std::string_view, 9> kWords = {"PASSWORD",   "PASSWD",      "SECRET",
                                                      "TOKEN",      "APIKEY",      "API_KEY",
                                                      "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"};
  // "TOKEN_FILE" and "SECRET_NAME" say where it is, not what it is.
  constexpr std::array<std::string_view, 9> kPlaces = {
      "_FILE", "_PATH", "_NAME", "_DIR", "_URL", "_TTL", "_USER", "_USERNAME", "_STDIN"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](auto word) { return upper.find(word) != std::string::npos; }) &&
         std::none_of(kPlaces.begin(), kPlaces.end(),
                      [&](auto place) { return upper.ends_with(place); });
}

bool is_masked(std::string_view text) {
  return text.find(kMask) != std::string_view::npos;
}

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  while (text.size() > 1 && (text.front() == '"' || text.front() == '\'') &&
         text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

// Whether a value under a secret's name can be the secret itself.
bool may_be_secret(std::string_view value) {
  value = unquoted(value);
  const bool refers = !value.empty() && (value.front() == '$' || value.front() == '<' ||
                                         (value.front() == '/' && value.find(' ') == value.npos));
  return !value.empty() && !refers && !is_masked(value) && !parse_bool(value);
}

// Whether a URL in the text holds a password: scheme://user:password@host.
bool has_url_password(std::string_view text) {
  constexpr std::string_view kScheme = "://";
  for (auto at = text.find(kScheme); at != text.npos; at = text.find(kScheme, at + 1)) {
    const auto start = at + kScheme.size();
    const auto authority = text.substr(start, text.find_first_of("/?# \t\r\n\"'`", start) - start);
    const auto sign = authority.rfind('@');
    const auto colon = authority.find(':');
    if (sign != authority.npos && colon < sign &&
        may_be_secret(authority.substr(colon + 1, sign - colon - 1))) {
      return true;
    }
  }
  return false;
}

// --- containers ---

void tell_url(const Reporter& reporter, const Path& path) {
  reporter.add(Severity::kWarning, kRule, path, "the URL holds a password, for everybody to read",
               "put the URL into a Secret, or let the program read the password from one");
}

void check_environment(const Reporter& reporter, const Json& container, const Path& path) {
  const Json& list = list_at(container, {"env"});
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json& name = at(list[i], {"name"});
    const Json& value = at(list[i], {"value"});
    if (!name.is_string() || !value.is_string()) {
      continue;
    }
    const auto& text = value.get_ref<const std::string&>();
    const Path where = path / "env" / std::to_string(i) / "value";
    // A secret variable here is out of the file, but not out of the Deployment.
    if ((is_secret_name(name.get_ref<const std::string&>()) && may_be_secret(text)) ||
        is_masked(text)) {
      reporter.add(Severity::kWarning, kRule, where,
                   name.get<std::string>() + " stands here for everybody to read",
                   "put it into a Secret and use valueFrom: {secretKeyRef: ...}");
    } else if (has_url_password(text)) {
      tell_url(reporter, where);
    }
  }
}

// The flag in `text`, a command line or one word of it, that is given a secret; or nothing.
std::string_view flag_with_secret(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
    const std::string_view word = text.substr(0, end);
    const auto equals = word.find('=');
    if (word.starts_with("-") && equals != word.npos && is_secret_name(word.substr(0, equals)) &&
        may_be_secret(word.substr(equals + 1))) {
      return word.substr(0, equals);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

std::string_view text_of(const Json& item) {
  return item.is_string() ? std::string_view(item.get_ref<const std::string&>())
                          : std::string_view();
}

bool is_long_flag(std::string_view word) {
  return word.starts_with("--") && word.find_first_of("= \t\n") == word.npos;
}

void check_words(const Reporter& reporter, const Json& words, const Path& path) {
  const auto tell = [&reporter](std::string_view flag, const Path& where) {
    reporter.add(Severity::kWarning, kRule, where,
                 "the value of " + std::string(flag) + " stands here for everybody to read",
                 "put it into a Secret, its variable into env, and write " + std::string(flag) +
                     "=$(VARIABLE)");
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = text_of(words[i]);
    const std::string_view before = i == 0 ? std::string_view() : text_of(words[i - 1]);
    const Path where = path / std::to_string(i);
    if (const auto flag = flag_with_secret(word); !flag.empty()) {
      tell(flag, where);
    } else if (is_long_flag(before) && is_secret_name(before) && !word.starts_with("-") &&
               may_be_secret(word)) {
      tell(before, where);
    } else if (has_url_password(word)) {
      tell_url(reporter, where);
    }
  }
}

void check_containers(const Reporter& reporter, const Json& spec, const Path& path) {
  for (const char* group : {"containers", "initContainers"}) {
    const Json& list = list_at(spec, {group});
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Path where = path / group / std::to_string(i);
      check_environment(reporter, list[i], where);
      for (const char* words : {"command", "args"}) {
        check_words(reporter, list_at(list[i], {words}), where / words);
      }
    }
  }
}

// --- objects of configuration ---

void check_config_map(const Reporter& reporter, const Json& body) {
  for (const auto& [key, value] : map_at(body, {"data"}).items()) {
    if (is_secret_name(key) && may_be_secret(text_of(value))) {
      reporter.add(Severity::kWarning, kRule, {"data", key},
                   key + " stands in a ConfigMap for everybody to read",
                   "put it into a Secret, and its value into a variable with secret: true");
    }
  }
}

void check_secret(const Reporter& reporter, const Json& body) {
  for (const char* part : {"data", "stringData"}) {
    for (const auto& [key, value] : map_at(body, {part}).items()) {
      if (value.is_string() && !text_of(value).empty() && !is_masked(text_of(value))) {
        reporter.add(Severity::kWarning, kRule, {part, key},
                     "the secret " + key + " stands in this file",
                     "make it a variable with secret: true, and give it with --values");
        break;
      }
    }
  }
}

}  // namespace

void lint_secrets(const Object& object, std::vector<Finding>& findings) {
  const Reporter reporter(object, findings);
  if (object.kind() == "Secret") {
    check_secret(reporter, object.body());
  } else if (object.kind() == "ConfigMap") {
    check_config_map(reporter, object.body());
  }
  if (const auto path = pod_spec_path(object.kind())) {
    check_containers(reporter, at(object.body(), *path), *path);
  }
}

}  // namespace marvel::deploy
