// A stack of open groups in place of recursion. Each group collects alternatives, the last of which
// is still growing; closing a group, or the end of the pattern, folds them into one node.
#include "regex/char_class.hpp"
#include "regex/syntax.hpp"
#include "regex/utf8.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace marvel::regex {
namespace {

tl::unexpected<SyntaxError> refuse(std::size_t offset, std::string reason) {
  return tl::unexpected<SyntaxError>(SyntaxError{offset, std::move(reason)});
}

// The flags that a pattern can switch. (?m), (?s) and (?U) change nothing here: lines are matched
// one by one, and which lines match does not depend on greed.
struct Mode {
  bool ignore_case = false;
};

struct Group {
  std::size_t offset = 0;                   // of "("
  Mode outside;                             // what holds again behind ")"
  std::vector<std::uint32_t> alternatives;  // complete ones
  std::vector<std::uint32_t> items;         // of the one that grows
};

struct Count {
  int min = 0;
  int max = 0;
  std::size_t length = 0;  // of the operator's text
};

class Parser {
 public:
  Parser(std::string_view pattern, const ParseFlags& flags)
      : cursor_{pattern, 0}, alphabet_{flags.unicode}, mode_{flags.ignore_case} {
    groups_.emplace_back();
  }

  Parsed<Tree> run() {
    while (!cursor_.done()) {
      auto status = step();
      status = status ? check_size() : status;
      if (!status) {
        return tl::unexpected(status.error());
      }
    }
    if (groups_.size() > 1) {
      return refuse(groups_.back().offset, "missing )");
    }
    close_alternatives();
    return std::move(tree_);
  }

  Parsed<Tree> run_literal() {
    while (!cursor_.done()) {
      if (auto status = plain(); !status) {
        return tl::unexpected(status.error());
      }
    }
    close_alternatives();
    return std::move(tree_);
  }

 private:
  using Step = tl::expected<void, SyntaxError>;

  Step step() {
    const bool after_repeat = std::exchange(after_repeat_, false);
    const int c = cursor_.peek();
    if (const auto count = repeat_operator()) {
      return repeat(*count, after_repeat);
    }
    switch (c) {
      case '\\':
        return escape();
      case '[':
        return bracket();
      case '(':
        return open();
      case ')':
        return close();
      case '|':
        return next_alternative();
      case '.':
        ++cursor_.at;
        add_set(CodeSet(0, alphabet_.last()));
        return {};
      case '^':
      case '$':
        ++cursor_.at;
        add_assertion(c == '^' ? kLineBegin : kLineEnd);
        return {};
      default:
        return plain();
    }
  }

  // A character that stands for itself.
  Step plain() {
    auto code = parse_plain(cursor_, alphabet_);
    if (!code) {
      return tl::unexpected(code.error());
    }
    add_code(*code);
    return check_size();
  }

  // --- Leaves ---

  std::uint32_t add(Node node) {
    leaves_ += node.children.empty() ? 1 : 0;
    return tree_.add(std::move(node));
  }

  // Asked behind every token, so that what is refused in the end takes no memory before.
  [[nodiscard]] Step check_size() const {
    return leaves_ > kMaxExpanded ? Step(tl::unexpected(too_many_positions())) : Step();
  }

  void append(Node node) { groups_.back().items.push_back(add(std::move(node))); }

  std::uint32_t add_bytes(ByteSet set) {
    set.remove('\n');
    Node node;
    node.kind = NodeKind::kBytes;
    node.bytes = set;
    return add(std::move(node));
  }

  void add_set(const CodeSet& set) {
    auto& items = groups_.back().items;
    const bool ascii = set.ranges().empty() || set.ranges().back().last < 0x80;
    if (!alphabet_.unicode || ascii) {
      items.push_back(add_bytes(set.bytes()));
      return;
    }
    std::vector<std::uint32_t> encodings;
    for (const auto& sequence : utf8_sequences(set)) {
      std::vector<std::uint32_t> bytes;
      for (const ByteSet& byte : sequence) {
        bytes.push_back(add_bytes(byte));
      }
      encodings.push_back(join(NodeKind::kConcat, std::move(bytes)));
    }
    items.push_back(join(NodeKind::kAlternate, std::move(encodings)));
  }

  void add_code(char32_t code) {
    const CodeSet set(code, code);
    add_set(mode_.ignore_case ? alphabet_.folded(set) : set);
  }

  void add_assertion(Assertion assertion) {
    Node node;
    node.kind = NodeKind::kAssert;
    node.assertion = assertion;
    append(std::move(node));
  }

  Step bracket() {
    auto set = parse_bracket(cursor_, alphabet_, mode_.ignore_case);
    if (!set) {
      return tl::unexpected(set.error());
    }
    add_set(*set);
    return {};
  }

  Step escape() {
    const int c = cursor_.peek(1);
    if (c == 'Q') {
      return quoted();
    }
    if (const auto assertion = escape_assertion(c)) {
      cursor_.at += 2;
      add_assertion(*assertion);
      return {};
    }
    if (c == 'C') {  // any byte
      cursor_.at += 2;
      groups_.back().items.push_back(add_bytes(ByteSet::all()));
      return {};
    }
    auto set = parse_escaped_class(cursor_, alphabet_, mode_.ignore_case);
    if (!set) {
      return tl::unexpected(set.error());
    }
    if (const std::optional<CodeSet>& known = *set) {
      add_set(*known);
      return {};
    }
    auto code = parse_escaped(cursor_, alphabet_);
    if (!code) {
      return tl::unexpected(code.error());
    }
    add_code(*code);
    return {};
  }

  static std::optional<Assertion> escape_assertion(int letter) {
    switch (letter) {
      case 'A':
        return kLineBegin;
      case 'z':
        return kLineEnd;
      case 'b':
        return kWordEdge;
      case 'B':
        return kNoWordEdge;
      case '<':
        return kWordBegin;
      case '>':
        return kWordEnd;
      default:
        return std::nullopt;
    }
  }

  // "\Q...\E"; without "\E" up to the end.
  Step quoted() {
    cursor_.at += 2;
    while (!cursor_.done() && !cursor_.starts_with("\\E")) {
      if (auto status = plain(); !status) {
        return status;
      }
    }
    cursor_.at += cursor_.done() ? 0 : 2;
    return {};
  }

  // --- Repetition ---

  // The operator at the cursor, without a "?" that makes it lazy. "{" that begins no count is text.
  [[nodiscard]] std::optional<Count> repeat_operator() const {
    switch (cursor_.peek()) {
      case '*':
        return Count{0, kUnbounded, 1};
      case '+':
        return Count{1, kUnbounded, 1};
      case '?':
        return Count{0, 1, 1};
      case '{':
        return braces();
      default:
        return std::nullopt;
    }
  }

  [[nodiscard]] std::optional<Count> braces() const {
    Cursor at{cursor_.text, cursor_.at + 1};
    Count count;
    if (!read_number(at, count.min)) {
      return std::nullopt;
    }
    count.max = count.min;
    if (at.peek() == ',') {
      ++at.at;
      count.max = kUnbounded;
      if (at.peek() != '}' && !read_number(at, count.max)) {
        return std::nullopt;
      }
    }
    if (at.peek() != '}') {
      return std::nullopt;
    }
    count.length = at.at + 1 - cursor_.at;
    return count;
  }

  // Digits at the cursor. Values beyond every limit stay just beyond it.
  static bool read_number(Cursor& at, int& value) {
    const std::size_t begin = at.at;
    value = 0;
    for (; at.peek() >= '0' && at.peek() <= '9'; ++at.at) {
      value = std::min(value * 10 + at.peek() - '0', kMaxRepeat + 1);
    }
    return at.at > begin;
  }

  Step repeat(const Count& count, bool after_repeat) {
    const std::size_t begin = cursor_.at;
    cursor_.at += count.length;
    cursor_.at += cursor_.peek() == '?' ? 1 : 0;
    const std::string text(cursor_.text.substr(begin, cursor_.at - begin));
    auto& items = groups_.back().items;
    if (after_repeat) {
      return refuse(begin, "bad repetition operator: " + text + " follows another one");
    }
    if (items.empty()) {
      return refuse(begin, "no argument for repetition operator: " + text);
    }
    if (count.min > kMaxRepeat || count.max > kMaxRepeat ||
        (count.max != kUnbounded && count.max < count.min)) {
      return refuse(begin, "invalid repetition size: " + text + " (at most " +
                               std::to_string(kMaxRepeat) + ", and not falling)");
    }
    after_repeat_ = true;
    Node node;
    node.kind = NodeKind::kRepeat;
    node.min = count.min;
    node.max = count.max;
    node.children = {items.back()};
    items.back() = add(std::move(node));
    return {};
  }

  // --- Groups ---

  Step open() {
    const std::size_t begin = cursor_.at;
    const Mode outside = mode_;
    if (cursor_.starts_with("(?")) {
      bool opens = true;
      if (auto status = group_head(opens); !status || !opens) {
        return status;
      }
    } else {
      ++cursor_.at;
    }
    groups_.push_back({begin, outside, {}, {}});
    return {};
  }

  // "(?:", "(?P<name>", "(?i:" open a group; "(?i)" only changes the mode.
  Step group_head(bool& opens) {
    const std::size_t begin = cursor_.at;
    const bool look_behind = cursor_.starts_with("(?<=") || cursor_.starts_with("(?<!");
    if (!look_behind && (cursor_.starts_with("(?P<") || cursor_.starts_with("(?<"))) {
      return group_name();
    }
    cursor_.at += 2;
    bool value = true;
    bool any = false;  // a "-" needs a flag behind it
    for (;; ++cursor_.at) {
      switch (cursor_.peek()) {
        case 'i':
          mode_.ignore_case = value;
          any = true;
          break;
        case 'm':
        case 's':
        case 'U':
          any = true;
          break;
        case '-':
          if (!value) {
            return bad_group(begin);
          }
          value = false;
          any = false;
          break;
        case ':':
        case ')':
          if (!value && !any) {
            return bad_group(begin);
          }
          opens = cursor_.peek() == ':';
          ++cursor_.at;
          return {};
        default:
          return bad_group(begin);
      }
    }
  }

  Step bad_group(std::size_t begin) {
    const auto length = std::min(cursor_.at + 1, cursor_.text.size()) - begin;
    const std::string text(cursor_.text.substr(begin, length));
    if (cursor_.done()) {
      return refuse(begin, "missing ): " + text);
    }
    const bool look = text == "(?=" || text == "(?!" || cursor_.text.substr(begin, 3) == "(?<";
    return refuse(begin, "invalid perl operator: " + text +
                             (look ? " (look-around is not regular and not supported)" : ""));
  }

  Step group_name() {
    const std::size_t begin = cursor_.at;
    cursor_.at = cursor_.text.find('<', begin) + 1;
    const std::size_t end = cursor_.text.find('>', cursor_.at);
    const std::string name(cursor_.text.substr(cursor_.at, end - cursor_.at));
    const bool valid = end != std::string_view::npos && !name.empty() &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return is_word_byte(static_cast<unsigned char>(c));
                       });
    if (!valid) {
      return refuse(begin, "invalid named capture group");
    }
    cursor_.at = end + 1;
    return {};
  }

  Step close() {
    if (groups_.size() == 1) {
      return refuse(cursor_.at, "unexpected )");
    }
    ++cursor_.at;
    const std::uint32_t inside = close_alternatives();
    mode_ = groups_.back().outside;
    groups_.pop_back();
    groups_.back().items.push_back(inside);
    return {};
  }

  Step next_alternative() {
    ++cursor_.at;
    Group& group = groups_.back();
    group.alternatives.push_back(join(NodeKind::kConcat, std::move(group.items)));
    group.items.clear();
    return {};
  }

  std::uint32_t close_alternatives() {
    Group& group = groups_.back();
    group.alternatives.push_back(join(NodeKind::kConcat, std::move(group.items)));
    return join(NodeKind::kAlternate, std::move(group.alternatives));
  }

  std::uint32_t join(NodeKind kind, std::vector<std::uint32_t> children) {
    if (children.size() == 1) {
      return children.front();
    }
    Node node;
    node.kind = children.empty() ? NodeKind::kEmpty : kind;
    node.children = std::move(children);
    return add(std::move(node));
  }

  Cursor cursor_;
  Alphabet alphabet_;
  Mode mode_;
  Tree tree_;
  std::size_t leaves_ = 0;  // of tree_
  std::vector<Group> groups_;
  bool after_repeat_ = false;  // the last token was a repetition
};

}  // namespace

Parsed<Tree> parse(std::string_view pattern, const ParseFlags& flags) {
  Parser parser(pattern, flags);
  auto tree = flags.literal ? parser.run_literal() : parser.run();
  if (!tree) {
    return tree;
  }
  if (auto error = too_large(*tree)) {
    return tl::unexpected<SyntaxError>(std::move(*error));
  }
  return tree;
}

}  // namespace marvel::regex
