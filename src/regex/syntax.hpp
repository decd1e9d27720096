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

// What a pattern says, without how it was written: groups, classes, flags and escapes are gone.
enum class NodeKind : std::uint8_t {
  kEmpty,      // matches the empty string
  kBytes,      // one byte out of a set; the empty set matches nothing
  kAssert,     // a condition on the position
  kConcat,     // its children one after the other
  kAlternate,  // any of its children
  kRepeat,     // its child, `min` to `max` times
};

inline constexpr int kUnbounded = -1;

// Of the fields only those that belong to the kind mean something.
struct Node {
  NodeKind kind = NodeKind::kEmpty;
  Assertion assertion = 0;
  int min = 0;
  int max = 0;  // or kUnbounded
  ByteSet bytes;
  std::vector<std::uint32_t> children;  // indices into Tree::nodes, all smaller than this node's
  std::uint32_t first = 0;              // this node and all below it are nodes [first, this]
};

// A parsed pattern. Nodes stand in postorder, the root last, so every pass over the tree is a loop
// and none recurses on what somebody wrote. "ab*" is: a, b, repeat of the second, concat of the
// first and the third.
struct Tree {
  std::vector<Node> nodes;

  // Appends `node`, whose children are there already, and gives its index.
  std::uint32_t add(Node node);
  // Of a tree that is not empty; what parse() gives never is.
  [[nodiscard]] std::uint32_t root() const { return static_cast<std::uint32_t>(nodes.size() - 1); }
};

// How a pattern is read. Inside the pattern "(?i)" and "(?-i)" switch the case, and "\Q...\E" makes
// plain text of a piece; whether it is bytes or UTF-8 is told here only.
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

// A value, or the place where the pattern is wrong. No Error: which file the pattern stands in, and
// so what people should read, only the caller knows (see compile() in pattern.hpp).
template <class T>
using Parsed = tl::expected<T, SyntaxError>;

// Largest count in braces, and largest product of nested ones. RE2 stops at 1000; rules for
// intrusion detection go up to 4,018.
inline constexpr int kMaxRepeat = 4096;
// Largest number of bytes-or-assertions that a pattern may have once its counts are written out.
inline constexpr std::size_t kMaxExpanded = 1U << 18;

// The bytes-or-assertions of `tree` with its counts written out, at most kMaxExpanded + 1. What an
// automaton for it takes grows with them.
std::size_t positions(const Tree& tree);
// Why `tree` is refused as a whole: its counts multiply to more than kMaxRepeat, or it has more
// than kMaxExpanded positions. "(x{64}){64}" is accepted, "(x{65}){64}" is not.
std::optional<SyntaxError> too_large(const Tree& tree);
// What it says of more than kMaxExpanded positions.
SyntaxError too_many_positions();

// Reads RE2's syntax on bytes or UTF-8, with three differences: "\<" and "\>" are word edges as in
// grep, counts go up to kMaxRepeat, and "(?<name>" is accepted. The line rule holds: no pattern can
// match a line end, classes and "." leave it out. Laziness and captures are read and forgotten, as
// they do not change which lines match. What is too_large() is refused.
//
// Any bytes may be given, as a pattern may come from anywhere: nesting costs memory and no stack.
// The user's page is docs/user/regex-dialect.md. Source of the dialect: RE2's syntax page; verdicts
// checked against libre2 in the tests.
Parsed<Tree> parse(std::string_view pattern, const ParseFlags& flags);

// The tree for `tree` where grep's -x (the whole line) or -w (between non-words) holds: the same
// with an assertion in front and one behind.
Tree whole_line(Tree tree);
Tree whole_word(Tree tree);

}  // namespace marvel::regex
