#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// YAML (and JSON, which is nearly all YAML) as a tree that still knows where each part stood in
// the source. Templates and lint work on this tree; nlohmann::json is made of it at the end.

// Where something stands; both count from 1. Line 0: nowhere, marvel made it itself.
struct Position {
  int line = 0;
  int column = 0;
};

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  // How a scalar gets its type. kPlain: without quotes, the text decides ("3" is a number).
  // kText: quoted, a block, or tagged !!str; always text.
  enum class Style { kPlain, kText };

  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  bool shared = false;  // came here by an alias
  Position position;
  std::string text;         // of a scalar, as read
  std::vector<Node> items;  // of a list; of a map: key, value, key, value ...
};

// What one file may hold. A small file with aliases of aliases can stand for terabytes; all limits
// hold for what the aliases stand for.
struct YamlLimits {
  std::size_t bytes = std::size_t{16} << 20;        // of the source
  std::size_t nodes = 1'000'000;                    // of all documents
  std::size_t alias_bytes = std::size_t{16} << 20;  // text that aliases repeat
  std::size_t depth = 100;                          // of nesting
};

// All documents of `text` but empty ones. `name` stands for the file in messages. Merge keys
// ("<<") are applied: own keys win, then earlier maps. kInput, with "name:line:column", for broken
// YAML, a key given twice, keys that are no scalars, tags other than those of the core types,
// control characters, an alias inside its own anchor, and whatever passes the limits.
Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& name,
                                    const YamlLimits& limits = {});

// "file:line:column"; without the numbers when the position is nowhere.
std::string describe(const std::string& file, Position position);

// The value of `key` in a map; null when absent or when `node` is no map. The pointer lives as
// long as `node` stays unchanged.
const Node* find(const Node& node, std::string_view key);
Node* find(Node& node, std::string_view key);
// The text of the scalar at `key`; empty when absent or no scalar.
std::string_view text_at(const Node& node, std::string_view key);

}  // namespace marvel::deploy
