#include "vpn/node/relay_queue.hpp"

namespace marvel::vpn {
namespace {

constexpr std::size_t kQuantum = 1500;                          // bytes per turn
constexpr std::size_t kLongestQueue = std::size_t{256} << 10U;  // bytes of one destination
constexpr std::size_t kAllQueues = std::size_t{64} << 20U;      // of all of them

}  // namespace

void RelayQueue::set_rate(double bytes_per_second) {
  constexpr double kEndless = 1e15;
  limited_ = bytes_per_second > 0;
  // Without a limit what still waits leaves at the next call.
  const double rate = limited_ ? bytes_per_second : kEndless;
  bucket_ = TokenBucket(rate, std::max(rate / kBurstsPerSecond, kSmallestBurst));
}

bool RelayQueue::add(const NodeId& to, Bytes datagram) {
  Queue& queue = queues_[to];
  if (queue.bytes + datagram.size() > kLongestQueue || bytes_ + datagram.size() > kAllQueues) {
    return false;
  }
  if (queue.datagrams.empty()) {
    turns_.push_back(to);
    queue.deficit = kQuantum;
  }
  queue.datagrams.emplace_back(datagram.begin(), datagram.end());
  queue.bytes += datagram.size();
  bytes_ += datagram.size();
  return true;
}

void RelayQueue::drain(Time now, const Sink& sink) {
  while (!turns_.empty()) {
    const NodeId to = turns_.front();
    Queue& queue = queues_[to];
    const std::size_t size = queue.datagrams.front().size();
    if (queue.deficit < size) {
      queue.deficit += kQuantum;
      turns_.pop_front();
      turns_.push_back(to);
      continue;
    }
    if (!bucket_.take(now, static_cast<double>(size))) {
      return;
    }
    sink(to, queue.datagrams.front());
    queue.deficit -= size;
    queue.bytes -= size;
    bytes_ -= size;
    queue.datagrams.pop_front();
    if (queue.datagrams.empty()) {
      turns_.pop_front();
      queues_.erase(to);
    }
  }
}

}  // namespace marvel::vpn
