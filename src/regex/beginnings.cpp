#include "regex/beginnings.hpp"

#include <algorithm>

namespace marvel::regex {

Beginnings::Beginnings(const Program& program)
    : program_(program), here_(program), known_(std::size_t{3} * program.classes) {}

const Beginning& Beginnings::at(Side before, std::uint32_t cls) {
  Beginning& known = known_[static_cast<std::size_t>(before) * program_.classes + cls];
  if (known.known) {
    return known;
  }
  const std::uint8_t byte = program_.byte_of[cls];
  here_.begin(pair_bit(before, side_of(byte)));
  for (const auto start : program_.starts) {
    here_.add(start);
  }
  known.targets = steps_over(program_, here_.items(), byte);
  std::sort(known.targets.begin(), known.targets.end());
  known.targets.erase(std::unique(known.targets.begin(), known.targets.end()), known.targets.end());
  known.matches = here_.matches();
  std::sort(known.matches.begin(), known.matches.end());
  known.known = true;
  return known;
}

}  // namespace marvel::regex
