#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel {

// How many single-letter insertions, deletions, replacements and swaps of neighbours turn `a`
// into `b` ("optimal string alignment"). Cost a.size() * b.size().
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate a person most likely meant by `word`, or nothing when none is close: at most one
// edit for each three letters of `word` begun, so one for "cat" and two for "cats". Ties go to the
// earlier candidate. Words beyond 64 bytes are nobody's typing mistake and get no guess.
std::optional<std::string> closest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace marvel
