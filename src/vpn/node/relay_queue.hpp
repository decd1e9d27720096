#pragma once

#include "vpn/node/token_bucket.hpp"
#include "vpn/wire/datagram.hpp"

#include <compare>
#include <functional>
#include <list>
#include <map>
#include <vector>

namespace marvel::vpn {

// A node in one of the communities of a super node: with one key it may be in several.
struct RelayTarget {
  std::uint64_t community = 0;
  NodeId node{};
  auto operator<=>(const RelayTarget&) const = default;
};

// Relayed datagrams of a super node that has a limit: each destination has a queue of its own, and
// the queues take turns by deficit round robin (Shreedhar and Varghese, 1996), so that a busy
// destination delays itself and not the others. Without a limit nothing waits, and this holds
// nothing. Memory of what has left is kept for what comes.
//
//   if (!queue.is_limited()) { return send(datagram); }
//   if (!queue.add(target, datagram)) { return counters.drop(Drop::kQueueFull); }
//   queue.drain(now, send);       // and again at each tick
//
// Turns are by bytes, 1500 at a time, so small datagrams gain and lose nothing by being small. One
// destination may hold 256 KiB, all together 64 MiB.
//
// One thread.
class RelayQueue {
 public:
  // `bytes_per_second` 0: no limit.
  explicit RelayQueue(double bytes_per_second)
      : limited_(bytes_per_second > 0),
        bucket_(bytes_per_second, std::max(bytes_per_second / kBurstsPerSecond, kSmallestBurst)) {}

  // From now on; what waits stays in its order.
  void set_rate(double bytes_per_second);

  [[nodiscard]] bool is_limited() const { return limited_; }
  // Takes a copy of a datagram for a node; false, and nothing is kept of it, when the queue of that
  // node or all of them together are full.
  bool add(const RelayTarget& to, Bytes datagram);
  // Hands over what may leave now, in fair order: until nothing waits, or the rate is used up. The
  // sink must not call back; the bytes live until it returns. Whether the target is still there is
  // for the sink to find out.
  using Sink = std::function<void(const RelayTarget& to, Bytes datagram)>;
  void drain(Time now, const Sink& sink);
  // Bytes in all queues.
  [[nodiscard]] std::size_t waiting() const { return bytes_; }

 private:
  static constexpr double kBurstsPerSecond = 20;   // what leaves at once: 50 ms of the rate,
  static constexpr double kSmallestBurst = 65536;  // but at least a datagram of any size
  using Datagrams = std::list<std::vector<std::uint8_t>>;
  struct Queue {
    Datagrams datagrams;
    std::size_t bytes = 0;
    std::size_t deficit = 0;  // bytes it may still send in its turn
  };
  bool limited_;
  TokenBucket bucket_;
  using Queues = std::map<RelayTarget, Queue>;
  Queue& queue_of(const RelayTarget& to);
  // A queue takes part in the turns while it holds datagrams, and goes when it is empty.
  void begin_turns(const RelayTarget& to);
  void end_turns(const RelayTarget& to);
  void recycle(Datagrams& datagrams);

  Queues queues_;
  std::list<RelayTarget> turns_;  // those with datagrams, the next one first
  // Memory of lists and maps that is used again, so that a busy relay allocates nothing: datagrams,
  // places in the order of turns, and queues.
  Datagrams spare_;
  std::list<RelayTarget> spare_turns_;
  std::vector<Queues::node_type> spare_queues_;
  std::size_t bytes_ = 0;
};

}  // namespace marvel::vpn
