#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace marvel::compress {

// What a model.pt says of itself, schema marvel.compress.model/1 (docs/formats/model-pt.md), as far
// as this program computes with it. Both lists are units per layer, input and output included, and
// never empty.
struct Description {
  std::vector<int> architecture;        // as saved
  std::vector<int> architecture_dense;  // before pruning; begins with the pixels of an image
  std::uint64_t parameters = 0;
  std::uint64_t macs = 0;
  std::uint64_t macs_inputs = 0;  // 0 where the model does not say
  // Of the images, where their shape matters and not only their number of pixels; 0 where it does
  // not.
  int rows = 0;
  int columns = 0;
  std::string json;  // all of it, pretty-printed
};

// `text` is the model's attribute and may be anything; `path` stands in messages. kInput for
// another schema, and for a key that is missing, has another type or a size that no network has.
Result<Description> parse_description(const std::string& text, const std::string& path);

}  // namespace marvel::compress
