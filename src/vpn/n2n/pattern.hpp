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
class Pattern {
 public:
  // Whether n2n takes this for a regular expression: one of . * + ? [ ] \ is in it.
  static bool is_pattern(std::string_view text);
  // Nothing for what is none.
  static std::optional<Pattern> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  using Set = std::bitset<256>;
  struct Item {
    Set set;
    bool optional = false;
    bool repeated = false;
  };
  std::vector<Item> items_;
};

}  // namespace marvel::vpn::n2n
