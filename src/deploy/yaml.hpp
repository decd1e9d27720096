#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// YAML (and JSON, which is nearly all YAML) as a tree that still knows where each part stood in
// the source. Templates and lint work on this tree; nlohmann::json is made of it at the end:
//
//   read_yaml        text -> one tree per document; merge keys and aliases are resolved
//   read_template    sets the template's header apart (template.hpp)
//   render           fills in variables, inside the tree (render.hpp)
//   to_objects       trees -> Objects with JSON bodies (manifest.hpp)
//
// All of this is functions of their arguments: no file is opened, nothing is kept between calls,
// and any thread may call them.

// Where something stands; both count from 1, columns in bytes. A byte order mark at the start of
// the text is not counted. Line 0: nowhere, marvel made it itself.
struct Position {
  int line = 0;
  int column = 0;
};

// One value of a document. It owns all that is below it, so a copy costs the whole subtree.
// In a map that read_yaml made, keys are scalars and no two of them have the same text.
struct Node {
  // kNull: nothing stands there, or ~ or null without quotes; then `text` is empty.
  enum class Kind { kNull, kScalar, kList, kMap };
  // How a scalar gets its type. kPlain: without quotes, the text decides ("3" is a number).
  // kText: quoted, a block, or tagged !!str; always text. The tags !!int, !!float, !!bool and
  // !!null force nothing: the text decides as without them.
  enum class Style { kPlain, kText };

  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  // It came here by an alias, alone or as a part. Then `position` is that of the anchor's value.
  bool shared = false;
  Position position;
  std::string text;         // of a scalar, as read
  std::vector<Node> items;  // of a list; of a map: key, value, key, value ...
};

// What one file may hold. A small file with aliases of aliases can stand for terabytes, so `nodes`
// and `alias_bytes` count what the aliases stand for, and the copy that is kept of each anchor's
// value, and `depth` the levels that an alias brings along.
struct YamlLimits {
  std::size_t bytes = std::size_t{16} << 20;        // of the source
  std::size_t nodes = 1'000'000;                    // of all documents
  std::size_t alias_bytes = std::size_t{16} << 20;  // text that aliases repeat
  std::size_t depth = 100;                          // of nesting
  bool anchors = true;                              // and so aliases
};

// All documents of `text` but empty ones; no document at all is no failure. `text` is needed for
// the call only. `name` stands for the file in messages. Merge keys ("<<") are applied: own keys
// win, then earlier maps. kInput, with "name:line:column", for broken YAML, a key given twice, keys
// that are no scalars, tags other than those of the core types, control characters, text that is no
// UTF-8, an alias inside its own anchor, and whatever passes the limits. No message repeats a
// value, a tag or an anchor: they may be passwords without quotes.
Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& name,
                                    const YamlLimits& limits = {});

// "file:line:column", as messages begin; "file" alone when the position is nowhere.
std::string describe(const std::string& file, Position position);

// The value of `key` in a map; null when absent or when `node` is no map. The pointer lives as
// long as `node` stays unchanged. Looks at one key after the other: maps keep the file's order.
const Node* find(const Node& node, std::string_view key);
Node* find(Node& node, std::string_view key);
// The text of the scalar at `key`; empty when absent or no scalar. A view into `node`:
//   if (text_at(document, "kind") == "Template") ...
std::string_view text_at(const Node& node, std::string_view key);

}  // namespace marvel::deploy
