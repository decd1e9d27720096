#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel {

// Guessing what somebody meant who mistyped a flag, a command, a key or a variable: "did you mean
// 'epochs'?". A guess is only shown, never acted on.
//
// How many single-letter insertions, deletions, replacements and swaps of neighbours turn `a` into
// `b` ("optimal string alignment": no letter is edited twice). A letter is a byte, and case counts.
// Time a.size() * b.size(), memory for three rows of b.size() + 1 numbers.
//   edit_distance("regx", "regex")      1
//   edit_distance("tarin", "train")     1
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate a person most likely meant by `word`, or nothing when none is close: at most one
// edit for each three letters of `word` begun, so one for "cat" and two for "cats". Ties go to the
// earlier candidate. Words beyond 64 bytes are nobody's typing mistake and get no guess. The cost
// is that of edit_distance for each candidate.
std::optional<std::string> closest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace marvel
