#pragma once

#include <array>
#include <cstdint>

namespace marvel::vpn {

// Which counters of a session have been seen, by the bitmap of RFC 6479: a ring of words in which
// moving forward clears whole words instead of shifting bits. Counters may come out of order by up
// to kReach; older ones are refused. One thread at a time.
//
//   window.accept(7);   // true
//   window.accept(5);   // true: late, but not seen yet
//   window.accept(7);   // false
//
// It takes 1 KiB and allocates nothing. A jump forward clears at most all words, however far it
// goes.
class ReplayWindow {
 public:
  static constexpr std::uint64_t kBits = 8192;
  static constexpr std::uint64_t kReach = kBits - 64;  // the newest word is only partly used

  // Whether `counter` is new; it is remembered then. Ask only after the packet was found genuine.
  bool accept(std::uint64_t counter);
  // One more than the highest counter so far; 0 before the first.
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  // Bit `counter % 64` of word `counter / 64`, the words taken as a ring.
  std::array<std::uint64_t, kBits / 64> words_{};
  std::uint64_t next_ = 0;
};

}  // namespace marvel::vpn
