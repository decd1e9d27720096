// Bottom up over the tree. A node is known by the strings it matches, as long as they are few; in a
// concatenation they are multiplied with those of the neighbours until that grows too large, and
// the best product seen on the way is what the whole requires.
#include "regex/required.hpp"

#include <algorithm>
#include <optional>

namespace marvel::regex {
namespace {

using Strings = std::vector<std::string>;

constexpr std::size_t kMostStrings = 16;
constexpr std::size_t kLongest = 64;    // bytes that are looked at of one string
constexpr int kMostCopies = 8;          // of a repeated string
constexpr std::size_t kLongEnough = 8;  // beyond it, length gains nothing

struct Known {
  std::optional<Strings> exact;  // all strings that the node matches, folded
  Strings required;              // one of these is in every match; empty when nothing is known
};

std::size_t shortest(const Strings& strings) {
  std::size_t length = kLongest;
  for (const auto& string : strings) {
    length = std::min(length, string.size());
  }
  return strings.empty() ? 0 : length;
}

// Longer is better up to a point; then fewer, then letters that are rare in logs and prose.
double usefulness(const Strings& strings) {
  double rare = 0;
  for (const auto& string : strings) {
    const auto common = std::count_if(string.begin(), string.end(), is_common);
    rare += 1.0 - static_cast<double>(common) / static_cast<double>(string.size() + 1);
  }
  const auto count = static_cast<double>(std::max<std::size_t>(strings.size(), 1));
  return static_cast<double>(std::min(shortest(strings), kLongEnough)) + rare / count -
         0.05 * count;
}

void keep_better(Strings& best, const Strings& other) {
  if (shortest(other) > 0 && (best.empty() || usefulness(other) > usefulness(best))) {
    best = other;
  }
}

// What a node requires, whether it is known exactly or not.
Strings requirement(const Known& known) {
  Strings best = known.required;
  if (known.exact) {
    keep_better(best, *known.exact);
  }
  return best;
}

void make_unique(Strings& strings) {
  std::sort(strings.begin(), strings.end());
  strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
}

Known of_bytes(const ByteSet& set) {
  Strings strings;
  for (int byte = 0; byte < 256; ++byte) {
    if (set.contains(byte)) {
      strings.emplace_back(1, folded(static_cast<char>(byte)));
    }
  }
  make_unique(strings);
  if (strings.empty() || strings.size() > 4) {
    return {};
  }
  return {std::move(strings), {}};
}

// Every string of `a` followed by every one of `b`; nothing when that is too much.
std::optional<Strings> product(const Strings& a, const Strings& b) {
  if (a.size() * b.size() > kMostStrings) {
    return std::nullopt;
  }
  Strings result;
  for (const auto& left : a) {
    for (const auto& right : b) {
      if (left.size() + right.size() > kLongest) {
        return std::nullopt;
      }
      result.push_back(left + right);
    }
  }
  make_unique(result);
  return result;
}

Known of_concat(const Node& node, const std::vector<Known>& known) {
  Known result;
  std::optional<Strings> run = Strings{""};  // the exact strings since the last gap
  bool whole = true;
  for (const auto child : node.children) {
    const Known& part = known[child];
    keep_better(result.required, requirement(part));
    auto longer = part.exact ? product(*run, *part.exact) : std::nullopt;
    if (!longer) {
      whole = false;
      keep_better(result.required, *run);
      longer = part.exact ? *part.exact : Strings{""};
    }
    run = std::move(longer);
  }
  keep_better(result.required, *run);
  if (whole) {
    result.exact = std::move(run);
  }
  return result;
}

Known of_alternatives(const Node& node, const std::vector<Known>& known) {
  Known result;
  result.exact = Strings{};
  bool all_required = true;
  for (const auto child : node.children) {
    const Known& part = known[child];
    if (result.exact && part.exact) {
      result.exact->insert(result.exact->end(), part.exact->begin(), part.exact->end());
    } else {
      result.exact.reset();
    }
    const Strings needs = requirement(part);
    all_required = all_required && !needs.empty();
    result.required.insert(result.required.end(), needs.begin(), needs.end());
  }
  make_unique(result.required);
  // Alternatives are kept apart up to a larger number than classes: lists of words are common.
  if (!all_required || result.required.size() > 16 * kMostStrings) {
    result.required.clear();
  }
  if (result.exact) {
    make_unique(*result.exact);
    if (result.exact->size() > kMostStrings) {
      result.exact.reset();
    }
  }
  return result;
}

Known of_repeat(const Node& node, const Known& child) {
  if (node.min == 0) {
    return {};
  }
  if (node.min == 1 && node.max == 1) {
    return child;
  }
  Known result;
  result.required = requirement(child);
  // "[ab]{3}" or "x{4,}": the first copies stand side by side.
  std::optional<Strings> run = child.exact;
  for (int copies = 1; run && copies < std::min(node.min, kMostCopies); ++copies) {
    run = product(*run, *child.exact);
    if (run) {
      keep_better(result.required, *run);
    }
  }
  if (node.min == node.max && node.min <= kMostCopies) {
    result.exact = std::move(run);
  }
  return result;
}

Known of_node(const Node& node, const std::vector<Known>& known) {
  switch (node.kind) {
    case NodeKind::kEmpty:
    case NodeKind::kAssert:
      return {Strings{""}, {}};
    case NodeKind::kBytes:
      return of_bytes(node.bytes);
    case NodeKind::kConcat:
      return of_concat(node, known);
    case NodeKind::kAlternate:
      return of_alternatives(node, known);
    case NodeKind::kRepeat:
      return of_repeat(node, known[node.children[0]]);
  }
  return {};
}

}  // namespace

std::vector<std::string> required_literals(const Tree& tree) {
  std::vector<Known> known;
  known.reserve(tree.nodes.size());
  for (const Node& node : tree.nodes) {
    known.push_back(of_node(node, known));
    for (const auto child : node.children) {
      known[child] = {};  // used once; a large tree need not hold them all
    }
  }
  return requirement(known.back());
}

}  // namespace marvel::regex
