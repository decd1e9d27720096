#pragma once

#include "federate/server/coordinator.hpp"

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>

namespace marvel::federate {

// What is to happen, first things first; at the same time in the order in which it was planned.
class Calendar {
 public:
  using Act = std::function<void()>;

  void plan(Time when, Act act) { events_.push({when, ++made_, std::move(act)}); }
  [[nodiscard]] bool empty() const { return events_.empty(); }
  [[nodiscard]] Time next() const { return events_.top().when; }
  Act take() {
    Act act = events_.top().act;
    events_.pop();
    return act;
  }

 private:
  struct Event {
    Time when{0};
    std::uint64_t order = 0;
    Act act;
    bool operator<(const Event& other) const {  // the greatest is taken first
      return std::pair(when, order) > std::pair(other.when, other.order);
    }
  };
  std::priority_queue<Event> events_;
  std::uint64_t made_ = 0;
};

}  // namespace marvel::federate
