#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace marvel::regex {

// Two ways to do the same work, of which now one is faster and now the other: which one depends on
// the text, the machine and what else runs there. Both are tried and timed; the faster one does the
// work, and the other one is tried again as soon as that costs no more than a twentieth of the
// time. What is found never depends on who wins.
//
// A rule that guesses the cost from the text would have to know the machine; this one only
// measures. The price is at most about a twentieth of the time. One thread; each has races of its
// own.
class Race {
 public:
  // Does `bytes` of work by the way whose turn it is.
  template <class First, class Second>
  void run(std::size_t bytes, const First& first, const Second& second) {
    const std::size_t way = next(bytes);
    const auto start = Clock::now();
    if (way == 0) {
      first();
    } else {
      second();
    }
    note(way, bytes, std::chrono::duration<double>(Clock::now() - start).count());
  }

  // The way that does the next `bytes`: 0 or 1. First each of them once.
  [[nodiscard]] std::size_t next(std::size_t bytes) const {
    if (cost_[0] == 0 || cost_[1] == 0) {
      return cost_[0] == 0 ? 0 : 1;
    }
    const std::size_t slower = cost_[0] > cost_[1] ? 0 : 1;
    return since_ > kPatience * cost_[slower] * static_cast<double>(bytes) ? slower : 1 - slower;
  }

  // `way` took `seconds` for `bytes`. Half of what is known of a way is its last measurement, a
  // quarter the one before it, so a change of the text is noticed after a few blocks.
  void note(std::size_t way, std::size_t bytes, double seconds) {
    const double cost = (seconds + 1e-9) / static_cast<double>(bytes + 1);
    cost_[way] = cost_[way] == 0 ? cost : (cost_[way] + cost) / 2;
    since_ = cost_[way] > cost_[1 - way] ? 0 : since_ + seconds;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr double kPatience = 20;

  std::array<double, 2> cost_{};  // seconds per byte; 0: not known
  double since_ = 0;              // seconds of work since the slower way was tried
};

}  // namespace marvel::regex
