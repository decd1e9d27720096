#pragma once

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

namespace marvel::vpn::n2n {

// A regular expression for names of communities, as n2n has them: characters, '.', sets as [a-z]
// and [^0-9], \d \D \w \W \s \S, other characters behind '\'; each may be followed by '*', '+' or
// '?'. '^' at the beginning and '$' at the end say nothing, because only whole names match.
// Matching costs name × pattern, whatever stands in it.
//
//   const auto pattern = Pattern::parse("sens[ou]r[0-9]+");
//   pattern->matches("sensor12");    // true
//   pattern->matches("my-sensor1");  // false: only a part would match
//
// Groups, '|' and counts such as {2} are not there: their characters mean themselves. Bytes are
// compared, not letters, and the classes above are those of ASCII. A value; const calls may run in
// parallel.
class Pattern {
 public:
  // Whether n2n takes this for a regular expression: one of . * + ? [ ] \ is in it.
  static bool is_pattern(std::string_view text);
  // Nothing for what is none: an operator with nothing before it, a ']' without its '[', a set
  // without an end or with nothing in it, a '\' at the end, and what has no character at all.
  static std::optional<Pattern> parse(std::string_view text);

  // All states that the name may have led to are kept side by side, so nothing is tried twice:
  // names come from whoever sends a datagram, and no name may hold a super node up.
  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  using Set = std::bitset<256>;
  // What one character has to be, and how often it may come: `optional` not at all, `repeated` many
  // times.
  struct Item {
    Set set;
    bool optional = false;
    bool repeated = false;
  };
  std::vector<Item> items_;
};

}  // namespace marvel::vpn::n2n
