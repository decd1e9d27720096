#pragma once

#include "regex/assertion.hpp"
#include "regex/byte_set.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace marvel::regex {

enum class NodeKind : std::uint8_t {
  kEmpty,      // matches the empty string
  kBytes,      // one byte out of a set; the empty set matches nothing
  kAssert,     // a condition on the position
  kConcat,     // its children one after the other
  kAlternate,  // any of its children
  kRepeat,     // its child, `min` to `max` times
};

inline constexpr int kUnbounded = -1;

struct Node {
  NodeKind kind = NodeKind::kEmpty;
  Assertion assertion = 0;
  int min = 0;
  int max = 0;  // or kUnbounded
  ByteSet bytes;
  std::vector<std::uint32_t> children;  // indices into Tree::nodes, all smaller than this node's
  std::uint32_t first = 0;              // this node and all below it are nodes [first, this]
};

// A parsed pattern. Nodes stand in postorder, the root last, so every pass over the tree is a
// loop and none recurses on what somebody wrote.
struct Tree {
  std::vector<Node> nodes;

  std::uint32_t add(Node node);
  [[nodiscard]] std::uint32_t root() const { return static_cast<std::uint32_t>(nodes.size() - 1); }
};

// How a pattern is read. All of it can also be set inside the pattern, as in "(?i)".
struct ParseFlags {
  bool ignore_case = false;  // (?i): letters match both cases; above ASCII Latin-1's
  bool literal = false;      // every character stands for itself
  bool unicode = false;      // characters are code points in UTF-8, not bytes; case is Unicode's
};

// Where and why a pattern is refused. `offset` counts bytes from 0.
struct SyntaxError {
  std::size_t offset = 0;
  std::string reason;
};

template <class T>
using Parsed = tl::expected<T, SyntaxError>;

// Largest count in braces, and largest product of nested ones. RE2 stops at 1000; rules for
// intrusion detection go up to 4,018.
inline constexpr int kMaxRepeat = 4096;
// Largest number of bytes-or-assertions that a pattern may have once its counts are written out.
inline constexpr std::size_t kMaxExpanded = 1U << 18;

// The bytes-or-assertions of `tree` with its counts written out, at most kMaxExpanded + 1.
std::size_t positions(const Tree& tree);
// Why `tree` is refused as a whole: its counts multiply to more than kMaxRepeat, or it has more
// than kMaxExpanded positions.
std::optional<SyntaxError> too_large(const Tree& tree);

// Reads RE2's syntax on bytes or UTF-8, with three differences: "\<" and "\>" are word edges as in
// grep, counts go up to kMaxRepeat, and "(?<name>" is accepted. The line rule holds: no pattern can
// match a line end, classes and "." leave it out. Laziness and captures are read and forgotten, as
// they do not change which lines match.
// Source of the dialect: RE2's syntax page; verdicts checked against libre2 in the tests.
Parsed<Tree> parse(std::string_view pattern, const ParseFlags& flags);

// The tree for `tree` where grep's -x (the whole line) or -w (between non-words) holds.
Tree whole_line(Tree tree);
Tree whole_word(Tree tree);

}  // namespace marvel::regex
