#include "vpn/n2n/pattern.hpp"

#include <cctype>
#include <cstddef>

namespace marvel::vpn::n2n {
namespace {

constexpr std::string_view kOperators = ".*+?[]\\";
using Set = std::bitset<256>;

Set only(char character) {
  Set set;
  set.set(static_cast<unsigned char>(character));
  return set;
}

Set where(int (*test)(int)) {
  Set set;
  for (int at = 0; at < 128; ++at) {
    set.set(static_cast<std::size_t>(at), test(at) != 0);
  }
  return set;
}

// What '\' and this character mean.
Set escaped(char character) {
  switch (character) {
    case 'd':
      return where(std::isdigit);
    case 'D':
      return ~where(std::isdigit);
    case 'w':
      return where(std::isalnum) | only('_');
    case 'W':
      return ~(where(std::isalnum) | only('_'));
    case 's':
      return where(std::isspace);
    case 'S':
      return ~where(std::isspace);
    default:
      return only(character);
  }
}

// The set in brackets at the start of `rest`, which loses it; nothing without an end.
std::optional<Set> take_brackets(std::string_view& rest) {
  Set set;
  rest.remove_prefix(1);
  const bool inverted = !rest.empty() && rest.front() == '^';
  rest.remove_prefix(inverted ? 1 : 0);
  bool any = false;
  while (!rest.empty() && rest.front() != ']') {
    any = true;
    if (rest.front() == '\\' && rest.size() > 1) {
      set |= escaped(rest[1]);
      rest.remove_prefix(2);
    } else if (rest.size() > 2 && rest[1] == '-' && rest[2] != ']') {
      for (int at = static_cast<unsigned char>(rest[0]); at <= static_cast<unsigned char>(rest[2]);
           ++at) {
        set.set(static_cast<std::size_t>(at));
      }
      rest.remove_prefix(3);
    } else {
      set |= only(rest.front());
      rest.remove_prefix(1);
    }
  }
  if (rest.empty() || !any) {
    return std::nullopt;
  }
  rest.remove_prefix(1);
  return inverted ? ~set : set;
}

// What one character of the name has to be, at the start of `rest`, which loses it.
std::optional<Set> take_set(std::string_view& rest) {
  const char first = rest.front();
  if (first == '[') {
    return take_brackets(rest);
  }
  rest.remove_prefix(1);
  switch (first) {
    case '.':
      return ~Set();
    case '*':
    case '+':
    case '?':
    case ']':
      return std::nullopt;
    case '\\': {
      if (rest.empty()) {
        return std::nullopt;
      }
      const char character = rest.front();
      rest.remove_prefix(1);
      return escaped(character);
    }
    default:
      return only(first);
  }
}

}  // namespace

bool Pattern::is_pattern(std::string_view text) {
  return text.find_first_of(kOperators) != text.npos;
}

std::optional<Pattern> Pattern::parse(std::string_view text) {
  if (text.starts_with('^')) {
    text.remove_prefix(1);
  }
  if (text.ends_with('$') && !text.ends_with("\\$")) {
    text.remove_suffix(1);
  }
  Pattern pattern;
  while (!text.empty()) {
    const auto set = take_set(text);
    if (!set) {
      return std::nullopt;
    }
    Item item{*set};
    if (!text.empty() && (text.front() == '*' || text.front() == '+' || text.front() == '?')) {
      item.optional = text.front() != '+';
      item.repeated = text.front() != '?';
      text.remove_prefix(1);
    }
    pattern.items_.push_back(item);
  }
  return pattern.items_.empty() ? std::nullopt : std::optional(pattern);
}

// at[i]: what was read so far may stand before item i.
bool Pattern::matches(std::string_view name) const {
  const auto skip_optional = [this](std::vector<bool>& at) {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (at[i] && items_[i].optional) {
        at[i + 1] = true;
      }
    }
  };
  std::vector<bool> at(items_.size() + 1);
  at[0] = true;
  skip_optional(at);
  for (const char character : name) {
    std::vector<bool> next(at.size());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (at[i] && items_[i].set[static_cast<unsigned char>(character)]) {
        next[i + 1] = true;
        // It may come again; next[i + 1] says that it need not.
        next[i] = next[i] || items_[i].repeated;
      }
    }
    skip_optional(next);
    at = std::move(next);
  }
  return at.back();
}

}  // namespace marvel::vpn::n2n
