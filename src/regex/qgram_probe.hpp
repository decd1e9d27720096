#pragma once

#include "regex/nibble_masks.hpp"
#include "regex/qgram_hash.hpp"
#include "regex/simd.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace marvel::regex {

// A piece of text on its way through the filter's first test: positions from `at` on are probed,
// and those that pass are listed, from list[count] on. A loop moves `at` and `count` and may stop
// early, so that another one goes on where it stopped: vectors first, then the plain loop, and the
// last bytes pass untested.
struct Probing {
  // Behind what may pass, the list has room for so many more: vectors are written whole, and a
  // loop ends behind `end`, not at it.
  static constexpr std::size_t kSlack = 128;

  std::string_view text;
  std::size_t at = 0;
  std::size_t end = 0;  // no vector begins here or behind
  std::uint32_t* list = nullptr;
  std::size_t count = 0;
};

// Every stride-th position, by the hash of its gram. Stops where a probe could read behind the
// text. A position that passes may hold a gram of some literal; one that does not pass holds none
// for sure.
using ProbeGrams = void (*)(const GramProbe& probe, Probing& probing);
void probe_grams_plain(const GramProbe& probe, Probing& probing);
// With vectors, for grams of four bytes and more; null when `simd` has no loop for it, as kSsse3
// has none. Stops some bytes before the plain one.
ProbeGrams vector_gram_probe(Simd simd);

// Every position, by the masks; null when `simd` has no loop for it. Stops some bytes before the
// end of the text.
using ProbeNibbles = void (*)(const NibbleMasks& masks, Probing& probing);
ProbeNibbles nibble_probe(Simd simd);

}  // namespace marvel::regex
