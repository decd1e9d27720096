#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// A file with its old API versions converted, and one line for each thing that was changed, as in
// "f.yaml:1:13: CronJob is now batch/v1". Without changes the text is the one that was given.
struct Fixed {
  std::string text;
  std::vector<std::string> changes;
};

// Converts API versions that Kubernetes 1.<minor> has no more or calls deprecated: the apiVersion,
// where the body stays as it is, and Ingress of v1beta1 with its backends, path types and class.
// Comments, layout and variables stay: only the text of what changes is replaced, at the positions
// of the tree's nodes.
//
// An object is converted as a whole or not at all. What stands in braces ({backend: {...}}) is left
// for people, and so are texts behind an anchor or a tag, or on several lines, and items of a
// `kind: List`, and versions whose fields have changed or that have nothing in their place; lint
// tells of them. A result that cannot be read as YAML again is given up: then the file's own text
// comes back without changes. kInput when the file cannot be read as YAML in the first place.
// Nothing is written; `file` is for messages.
Result<Fixed> fix_old_apis(std::string_view text, const std::string& file, int minor);

}  // namespace marvel::deploy
