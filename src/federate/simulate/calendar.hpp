#pragma once

#include "federate/server/coordinator.hpp"

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>

namespace marvel::federate {

// What is to happen, first things first; at the same time in the order in which it was planned.
// That order is what makes a simulation repeatable: it never depends on addresses or on a clock of
// the machine.
//
// A run takes one act after the other, sets its clock to each one's time, and acts plan more:
//   while (!calendar.empty()) { now = calendar.next(); calendar.take()(); }
// It owns the acts. What they refer to must live until they are taken or the calendar is gone.
class Calendar {
 public:
  using Act = std::function<void()>;

  // At `when`, which may lie before next() and is not held against any clock. O(log n), as take().
  void plan(Time when, Act act) { events_.push({when, ++made_, std::move(act)}); }
  [[nodiscard]] bool empty() const { return events_.empty(); }
  // Both only where it is not empty.
  [[nodiscard]] Time next() const { return events_.top().when; }
  // Takes the act out before it is done, so that it may plan others.
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
