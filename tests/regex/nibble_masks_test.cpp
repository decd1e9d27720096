#include "regex/nibble_masks.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

// Whether some group may have `text` in its first places.
bool passes(const NibbleMasks& masks, const std::string& text) {
  unsigned groups = 255;
  for (std::size_t i = 0; i < NibbleMasks::kPlaces; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i] | 0x20);
    groups &= masks.low[i][byte & 15U] & masks.high[i][byte >> 4U];
  }
  return groups != 0;
}

}  // namespace

TEST_CASE("masks let the literals' windows pass, in any case of letters, and little else") {
  const auto filter = QgramFilter::make({"siren", "dogs", "40:x"});
  const auto masks = NibbleMasks::make(*filter);
  REQUIRE(masks.has_value());
  for (const QgramFilter::Entry& entry : filter->entries()) {
    CHECK(passes(*masks, filter->literals()[entry.literal].substr(entry.begin, 4)));
  }
  CHECK(passes(*masks, "DOGS"));
  CHECK_FALSE(passes(*masks, "cats"));
  CHECK_FALSE(passes(*masks, "    "));
}

TEST_CASE("there are no masks for many or for short literals") {
  std::vector<std::string> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back("literal" + std::to_string(i));
  }
  CHECK_FALSE(NibbleMasks::make(*QgramFilter::make(many)).has_value());
  CHECK_FALSE(NibbleMasks::make(*QgramFilter::make({"abc"})).has_value());
}

}  // namespace marvel::regex
