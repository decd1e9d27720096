#include "vpn/node/relay_queue.hpp"

namespace marvel::vpn {
namespace {

constexpr std::size_t kQuantum = 1500;                          // bytes per turn
constexpr std::size_t kLongestQueue = std::size_t{256} << 10U;  // bytes of one destination
constexpr std::size_t kAllQueues = std::size_t{64} << 20U;      // of all of them
constexpr std::size_t kSpare = 2048;                            // datagrams whose memory is kept,
constexpr std::size_t kSpareQueues = 256;                       // and queues

}  // namespace

void RelayQueue::set_rate(double bytes_per_second) {
  constexpr double kEndless = 1e15;
  limited_ = bytes_per_second > 0;
  // Without a limit what still waits leaves at the next call.
  const double rate = limited_ ? bytes_per_second : kEndless;
  bucket_ = TokenBucket(rate, std::max(rate / kBurstsPerSecond, kSmallestBurst));
}

RelayQueue::Queue& RelayQueue::queue_of(const RelayTarget& to) {
  const auto known = queues_.find(to);
  if (known != queues_.end() || spare_queues_.empty()) {
    return known != queues_.end() ? known->second : queues_[to];
  }
  auto spare = std::move(spare_queues_.back());
  spare_queues_.pop_back();
  spare.key() = to;
  return queues_.insert(std::move(spare)).position->second;
}

void RelayQueue::begin_turns(const RelayTarget& to) {
  if (spare_turns_.empty()) {
    return turns_.push_back(to);
  }
  spare_turns_.front() = to;
  turns_.splice(turns_.end(), spare_turns_, spare_turns_.begin());
}

// Of the node whose turn it is: its queue is empty.
void RelayQueue::end_turns(const RelayTarget& to) {
  auto queue = queues_.extract(to);
  if (spare_queues_.size() < kSpareQueues) {
    spare_queues_.push_back(std::move(queue));
    spare_turns_.splice(spare_turns_.end(), turns_, turns_.begin());
  } else {
    turns_.pop_front();
  }
}

void RelayQueue::recycle(Datagrams& datagrams) {
  if (spare_.size() < kSpare) {
    spare_.splice(spare_.begin(), datagrams, datagrams.begin());  // warm in the cache
  } else {
    datagrams.pop_front();
  }
}

bool RelayQueue::add(const RelayTarget& to, Bytes datagram) {
  if (bytes_ + datagram.size() > kAllQueues) {
    return false;
  }
  Queue& queue = queue_of(to);
  if (queue.bytes + datagram.size() > kLongestQueue) {
    return false;
  }
  if (queue.datagrams.empty()) {
    begin_turns(to);
    queue.deficit = kQuantum;
  }
  if (spare_.empty()) {
    spare_.emplace_back();
  }
  queue.datagrams.splice(queue.datagrams.end(), spare_, spare_.begin());
  queue.datagrams.back().assign(datagram.begin(), datagram.end());
  queue.bytes += datagram.size();
  bytes_ += datagram.size();
  return true;
}

void RelayQueue::drain(Time now, const Sink& sink) {
  while (!turns_.empty()) {
    const RelayTarget to = turns_.front();
    Queue& queue = queues_.find(to)->second;
    const std::size_t size = queue.datagrams.front().size();
    if (queue.deficit < size) {
      queue.deficit += kQuantum;
      turns_.splice(turns_.end(), turns_, turns_.begin());
      continue;
    }
    if (!bucket_.take(now, static_cast<double>(size))) {
      return;
    }
    sink(to, queue.datagrams.front());
    queue.deficit -= size;
    queue.bytes -= size;
    bytes_ -= size;
    recycle(queue.datagrams);
    if (queue.datagrams.empty()) {
      end_turns(to);
    }
  }
}

}  // namespace marvel::vpn
