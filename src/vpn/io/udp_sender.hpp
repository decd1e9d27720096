#pragma once

#include "vpn/bytes.hpp"
#include "vpn/wire/endpoint.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace marvel::vpn {

// Datagrams to be sent: their bytes one after the other, and which of them can leave as one buffer.
// 512 KiB, at most 64 batches; takes no memory once it is made.
//
//   if (!arena.has_room(size)) { sender.send(arena); arena.clear(); }
//   write(arena.reserve(size));
//   arena.add(to, sender.segments());
//
// A value without a lock: UdpSocket has several of them in a Conveyor, filled by one thread and
// sent by another.
class SendArena {
 public:
  // Datagrams of one size to one place, which leave as one buffer that the kernel cuts
  // (UDP_SEGMENT): at most 64, of at most 65000 bytes together. Only the last one may be shorter,
  // and closes the batch.
  struct Batch {
    Endpoint to;
    // Its bytes in the arena, from `begin` to before `end`; `segment` of them are a datagram.
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t segment = 0;
    std::size_t count = 0;
    bool closed = false;  // the last one was shorter
  };
  static constexpr std::size_t kMostBatches = 64;

  SendArena();

  // Whether a datagram of this size can be added, to whatever place.
  [[nodiscard]] bool has_room(std::size_t size) const {
    return used_ + size <= bytes_.size() && batches_.size() < kMostBatches;
  }
  // Room for a datagram; there is some, by has_room(). add() keeps it, for `to`; another reserve()
  // before that takes its place. `joined`: with the one before it if that goes to the same place
  // and is not shorter; false where the kernel cuts no buffers.
  MutableBytes reserve(std::size_t size);
  void add(const Endpoint& to, bool joined);
  // Empty again, with its memory.
  void clear();

  [[nodiscard]] const std::vector<Batch>& batches() const { return batches_; }
  [[nodiscard]] Bytes bytes(const Batch& batch) const {
    return Bytes(bytes_).subspan(batch.begin, batch.end - batch.begin);
  }
  [[nodiscard]] std::size_t used() const { return used_; }  // bytes

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t used_ = 0;
  std::size_t reserved_ = 0;
  std::vector<Batch> batches_;
};

// The system calls that send arenas through a socket. send() by one thread at a time, each call
// after the one before it; the rest by any thread.
//
// One sendmmsg takes all batches of an arena. What the kernel refuses as a batch is tried datagram
// by datagram: where it has no UDP_SEGMENT, which is remembered, or where the path is too narrow.
class UdpSender {
 public:
  // The socket must outlive it. `ipv4_only` as in address_of.
  UdpSender(int fd, bool ipv4_only) : fd_(fd), ipv4_only_(ipv4_only) {}

  // Sends all of it, or counts it as lost. On a link that is slower than the machine it waits for 5
  // ms at most, once for each arena: what does not fit then is lost, as in any full queue.
  void send(const SendArena& arena);

  // Whether the kernel cuts buffers into datagrams (UDP_SEGMENT), as far as is known.
  [[nodiscard]] bool segments() const { return segments_.load(std::memory_order_relaxed); }
  // Datagrams that the kernel did not take, and those that were dropped before.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  // Counts what was dropped before it came here.
  void lose(std::uint64_t count) { lost_.fetch_add(count, std::memory_order_relaxed); }

 private:
  std::size_t send_from(const SendArena& arena, std::size_t first);
  void send_one_by_one(Bytes bytes, const SendArena::Batch& batch);
  bool wait_for_room();

  int fd_;
  bool ipv4_only_;
  bool waited_ = false;  // in this send()
  std::atomic<bool> segments_{true};
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace marvel::vpn
