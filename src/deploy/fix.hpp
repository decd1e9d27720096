#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// A file with its old API versions converted, and one line for each thing that was changed.
struct Fixed {
  std::string text;
  std::vector<std::string> changes;
};

// Converts API versions that Kubernetes 1.<minor> has no more: the apiVersion, where the body
// stays as it is, and Ingress of v1beta1 with its backends, path types and class. Comments,
// layout and variables stay: only the text of what changes is replaced. What stands in braces
// ({backend: {...}}) is left for people. kInput when the file cannot be read as YAML.
Result<Fixed> fix_old_apis(std::string_view text, const std::string& file, int minor);

}  // namespace marvel::deploy
