#pragma once

#include <array>
#include <cstdint>

namespace marvel::vpn {

// Which counters of a session have been seen, by the bitmap of RFC 6479: a ring of words in which
// moving forward clears whole words instead of shifting bits. Counters may come out of order by up
// to kReach; older ones are refused. One thread at a time.
class ReplayWindow {
 public:
  static constexpr std::uint64_t kBits = 8192;
  static constexpr std::uint64_t kReach = kBits - 64;  // the newest word is only partly used

  // Whether `counter` is new; it is remembered then. Ask only after the packet was found genuine.
  bool accept(std::uint64_t counter);
  // One more than the highest counter so far; 0 before the first.
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  std::array<std::uint64_t, kBits / 64> words_{};
  std::uint64_t next_ = 0;
};

}  // namespace marvel::vpn
