#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "deploy/render.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// Where values of variables come from. Stronger ones win: --set, then --values (the last file
// first), then the environment, then the template's default.

// "NAME=VALUE" from the command line. kUsage without a name.
Status set_value(std::string_view assignment, Values& values);

// A file of "NAME: value" lines. Values are taken as written: 0644 stays 0644. kInput, with
// file:line:column, for anything but a map of single values.
Status set_values_from_file(std::string_view text, const std::string& file, Values& values);

// MARVEL_VAR_<NAME> for each variable of `templates` that has no value yet.
void set_values_from_environment(const Environment& environment,
                                 const std::vector<Template>& templates, Values& values);

}  // namespace marvel::deploy
