#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "deploy/render.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// Where values of variables come from. Stronger ones win: --set, then --values (the last file
// first), then the environment, then what the platform predefines, then the template's default.

// What a platform may predefine; NAME and NAMESPACE have ways of their own.
inline constexpr std::array<const char*, 10> kPredefined = {
    "HOSTNAME",      "REGISTRY", "PRIVATE_DIR", "PRIVATE_VOLUME", "SHARED_DIR",
    "SHARED_VOLUME", "PRIVATE",  "SHARED",      "LOCAL",          "REMOTE"};

// "NAME=VALUE" from the command line. kUsage without a name.
Status set_value(std::string_view assignment, Values& values);

// A file of "NAME: value" lines. Values are taken as written: 0644 stays 0644. kInput, with
// file:line:column, for anything but a map of single values.
Status set_values_from_file(std::string_view text, const std::string& file, Values& values);

// MARVEL_VAR_<NAME> for each variable of `templates` that has no value yet.
void set_values_from_environment(const Environment& environment,
                                 const std::vector<Template>& templates, Values& values);

// "NAME=VALUE" texts of the platform, several in one text with commas between; later ones win. A
// value may hold ${NAME} and ${NAMESPACE}. Gives what has no value yet. kUsage for a name that is
// not one of kPredefined.
Status set_predefined(const std::vector<std::string>& settings, Values& values);

}  // namespace marvel::deploy
