#pragma once

#include "regex/qgram_filter.hpp"
#include "regex/simd.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace marvel::regex {

// The filter's second test, with all it needs in registers: whether a whole window may be some
// literal's. A probe that passed says only that some gram of a literal may stand there; at which
// offset in the literal's window, this test has to try. It holds a pointer into the filter's table.
struct WindowTest {
  const std::uint32_t* bits;
  std::uint64_t mask;
  int shift;              // of the product of 64 bits
  std::uint32_t offsets;  // windows begin at a probe that passed, and at so many places less one
                          // before it

  WindowTest(const QgramFilter& filter, std::uint32_t places)
      : bits(filter.windows().data()),
        mask(filter.window_mask()),
        shift(64 - filter.window_bits()),
        offsets(places) {}
};

// Probes that passed on their way through the second test. As with Probing, a loop moves `next` and
// `count`, and another one goes on where it stopped.
struct Windowing {
  std::string_view text;
  const std::uint32_t* probes = nullptr;  // rising
  std::size_t probe_count = 0;
  std::size_t next = 0;           // the next probe to look around
  std::uint32_t* list = nullptr;  // windows that pass; room for 16 more than all
  std::size_t count = 0;
};

// Lists windows in the order of their probes, for each probe the last one first. Windows that end
// behind the text pass without a look.
using KeepWindows = void (*)(const WindowTest& test, Windowing& windowing);
void keep_windows_plain(const WindowTest& test, Windowing& windowing);
// With vectors; null when `simd` has no loop for it, as all but kAvx512. Leaves some probes at the
// end to the plain one.
KeepWindows vector_keep_windows(Simd simd);

}  // namespace marvel::regex
