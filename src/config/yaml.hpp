#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel {

// A configuration file as a flat list; Config (config.hpp) adds the layers and looks settings up.
// Nothing here knows which keys there are: Config::check_keys holds them against the flags.
//
// One setting of a configuration file, taken out of its nesting.
//   compress: {train: {layers: [784, 10]}}  ->  {"compress", "train"}, "layers", "784,10"
struct FileSetting {
  std::vector<std::string> command;  // the mappings around the key, outermost first
  std::string key;
  std::optional<std::string> value;  // nothing for "key:" without a value
  // The text of a list cannot be split again where items hold commas, so both are kept: `value` for
  // flags that read one text, `items` for those that may be given again.
  std::vector<std::string> items;  // of a list; of a scalar itself alone
  int line = 0;                    // of the key, counted from 1
};

// All settings of a YAML document in the order written. `name` stands for the file in messages.
// Scalars are kept as written; lists of scalars become one comma-separated value. kInput with file
// and line for broken YAML, a key given twice, a list of anything but scalars, nesting beyond eight
// levels, or more than 10,000 settings (aliases can multiply a small file). Nothing thrown by
// yaml-cpp leaves it. An empty document and one of comments hold no settings.
//   MARVEL_TRY(const auto settings, settings_from_yaml(text, "marvel.yaml"));
//   // "marvel.yaml:3: 'epochs' stands here twice"
Result<std::vector<FileSetting>> settings_from_yaml(std::string_view text, const std::string& name);

}  // namespace marvel
