#include "deploy/values.hpp"

#include "base/edit_distance.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace marvel::deploy {

Status set_value(std::string_view assignment, Values& values) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    // The text may be a secret that lost its name: it is not repeated.
    return fail(Errc::kUsage, "--set wants NAME=VALUE");
  }
  values[std::string(assignment.substr(0, equals))] = {std::string(assignment.substr(equals + 1)),
                                                       true};
  return {};
}

Status set_values_from_file(std::string_view text, const std::string& file, Values& values) {
  YamlLimits limits;
  limits.anchors = false;  // "PASSWORD: &hunter2" would be empty
  MARVEL_TRY(const auto documents, read_yaml(text, file, limits));
  for (const Node& document : documents) {
    if (document.kind != Node::Kind::kMap || &document != &documents.front()) {
      return fail(Errc::kInput,
                  describe(file, document.position) + ": expected one map of NAME: value lines");
    }
    for (std::size_t i = 0; i + 1 < document.items.size(); i += 2) {
      const Node& value = document.items[i + 1];
      if (value.kind == Node::Kind::kList || value.kind == Node::Kind::kMap) {
        return fail(Errc::kInput, describe(file, value.position) + ": " + document.items[i].text +
                                      " must be a single value");
      }
      values[document.items[i].text] = {value.text, false};
    }
  }
  return {};
}

void set_values_from_environment(const Environment& environment,
                                 const std::vector<Template>& templates, Values& values) {
  for (const Template& source : templates) {
    for (const Variable& variable :
         source.header ? source.header->variables : std::vector<Variable>()) {
      const auto text = environment.get("MARVEL_VAR_" + variable.name);
      if (text) {
        values.try_emplace(variable.name, Value{*text, false});
      }
    }
  }
}

Status set_predefined(const std::vector<std::string>& settings, Values& values) {
  Values platform;
  const std::vector<std::string> names(kPredefined.begin(), kPredefined.end());
  for (const std::string& setting : split(join(settings, ","), ',')) {
    const std::string_view one = trim(setting);
    const auto equals = one.find('=');
    if (one.empty()) {
      continue;
    }
    const std::string name(one.substr(0, equals));
    if (equals == std::string_view::npos ||
        std::find(names.begin(), names.end(), name) == names.end()) {
      const auto meant = closest(name, names);
      return fail(Errc::kUsage,
                  "--predefined: '" + name + "' is nothing that a platform predefines",
                  meant ? "did you mean " + *meant + "=VALUE?"
                        : "NAME=VALUE with one of " + join(names, ", "));
    }
    platform[name] = {std::string(one.substr(equals + 1)), false, true};
  }
  values.insert(platform.begin(), platform.end());
  return {};
}

}  // namespace marvel::deploy
