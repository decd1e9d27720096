#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel {

// One line of a configuration file, taken out of its nesting.
//   compress: {train: {layers: [784, 10]}}  ->  {"compress", "train"}, "layers", "784,10"
struct FileSetting {
  std::vector<std::string> command;  // the mappings around the key, outermost first
  std::string key;
  std::optional<std::string> value;  // nothing for "key:" without a value
  std::vector<std::string> items;    // of a list; of a scalar itself alone
  int line = 0;                      // of the key, counted from 1
};

// All settings of a YAML document in the order written. `name` stands for the file in messages.
// Scalars are kept as written; lists of scalars become one comma-separated value. kInput with
// file and line for broken YAML, a key given twice, a list of anything but scalars, nesting
// beyond eight levels, or more than 10,000 settings (aliases can multiply a small file).
Result<std::vector<FileSetting>> settings_from_yaml(std::string_view text, const std::string& name);

}  // namespace marvel
