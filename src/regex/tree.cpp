#include "regex/syntax.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace marvel::regex {
namespace {

// Leaves once all counts are written out, and the largest product of nested counts.
struct Size {
  std::size_t leaves = 0;
  std::size_t product = 1;
};

Size size_of(const Node& node, const std::vector<Size>& sizes) {
  Size size{node.children.empty() ? std::size_t{1} : 0, 1};
  for (const auto child : node.children) {
    size.leaves = std::min(size.leaves + sizes[child].leaves, kMaxExpanded + 1);
    size.product = std::max(size.product, sizes[child].product);
  }
  if (node.kind == NodeKind::kRepeat) {
    const auto copies = static_cast<std::size_t>(std::max({node.min, node.max, 1}));
    size.leaves = std::min(size.leaves * copies, kMaxExpanded + 1);
    size.product = std::min(size.product * copies, std::size_t{kMaxRepeat} + 1);
  }
  return size;
}

Size size_of(const Tree& tree) {
  std::vector<Size> sizes;
  sizes.reserve(tree.nodes.size());
  for (const Node& node : tree.nodes) {
    sizes.push_back(size_of(node, sizes));
  }
  return sizes.back();
}

// `tree` between two conditions.
Tree enclose(Tree tree, Assertion before, Assertion after) {
  Node left;
  left.kind = NodeKind::kAssert;
  left.assertion = before;
  Node right = left;
  right.assertion = after;
  Node whole;
  whole.kind = NodeKind::kConcat;
  whole.children.push_back(tree.root());
  // Postorder wants the left side first; a condition has no width, so it can stand behind in the
  // array and before in the list.
  const auto inside = whole.children.front();
  const auto begin = tree.add(std::move(left));
  const auto end = tree.add(std::move(right));
  whole.children = {begin, inside, end};
  tree.add(std::move(whole));
  return tree;
}

}  // namespace

std::uint32_t Tree::add(Node node) {
  const auto index = static_cast<std::uint32_t>(nodes.size());
  node.first = index;
  for (const auto child : node.children) {
    node.first = std::min(node.first, nodes[child].first);
  }
  nodes.push_back(std::move(node));
  return index;
}

std::size_t positions(const Tree& tree) {
  return size_of(tree).leaves;
}

SyntaxError too_many_positions() {
  return {0, "pattern too large: more than " + std::to_string(kMaxExpanded) +
                 " positions when its counts are written out"};
}

std::optional<SyntaxError> too_large(const Tree& tree) {
  const Size size = size_of(tree);
  if (size.product > static_cast<std::size_t>(kMaxRepeat)) {
    return SyntaxError{0, "invalid repetition size: nested counts multiply to more than " +
                              std::to_string(kMaxRepeat)};
  }
  if (size.leaves > kMaxExpanded) {
    return too_many_positions();
  }
  return std::nullopt;
}

Tree whole_line(Tree tree) {
  return enclose(std::move(tree), kLineBegin, kLineEnd);
}

Tree whole_word(Tree tree) {
  return enclose(std::move(tree), kNotAfterWord, kNotBeforeWord);
}

}  // namespace marvel::regex
