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
//
// The functions below fill one Values. The first two overwrite what is there, the last two only add
// what is missing, so the order of the calls makes the order of strength:
//
//   set_values_from_file          once for each --values, in the order of the command line
//   set_value                     once for each --set
//   check_names                   (render.hpp) while only names that a person wrote are in it
//   set_values_from_environment
//   set_predefined
//
// The defaults come last, in effective_values(). Files are read by the caller; nothing here touches
// the disk or the process's environment.

// What a platform may predefine; NAME and NAMESPACE have ways of their own. The last four are of
// older templates (docs/user/deploy.md). They do no harm to a template that has no such variable.
inline constexpr std::array<const char*, 10> kPredefined = {
    "HOSTNAME",      "REGISTRY", "PRIVATE_DIR", "PRIVATE_VOLUME", "SHARED_DIR",
    "SHARED_VOLUME", "PRIVATE",  "SHARED",      "LOCAL",          "REMOTE"};

// "NAME=VALUE" from the command line; the value may be empty and hold more '='. It is marked as
// exposed, so render() refuses it for a secret variable. kUsage without a name or without '='; the
// message does not repeat the text, which may be a secret that lost its name.
Status set_value(std::string_view assignment, Values& values);

// A file of "NAME: value" lines. Values are taken as written: 0644 stays 0644. kInput, with
// file:line:column, for anything but a map of single values, and for anchors; values before the bad
// one may be set then. An empty file sets nothing. `NAME:` with nothing behind it, or with null or
// ~ without quotes, is empty text, which a required variable does not take (effective_values).
Status set_values_from_file(std::string_view text, const std::string& file, Values& values);

// MARVEL_VAR_<NAME> for each variable of `templates` that has no value yet. Other names of the
// environment are not looked at, and a variable of it that is set but empty counts as unset.
void set_values_from_environment(const Environment& environment,
                                 const std::vector<Template>& templates, Values& values);

// "NAME=VALUE" texts of the platform, several in one text with commas between; later ones win. A
// value may hold ${NAME} and ${NAMESPACE}, and no comma. Gives what has no value yet. kUsage for a
// name that is not one of kPredefined; then nothing is set.
//   set_predefined({"HOSTNAME=${NAME}-anna.apps.example.org,REGISTRY=r:5000"}, values)
Status set_predefined(const std::vector<std::string>& settings, Values& values);

}  // namespace marvel::deploy
