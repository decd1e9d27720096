#pragma once

#include "vpn/bytes.hpp"
#include "vpn/wire/endpoint.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace marvel::vpn {

// Datagrams to be sent: their bytes one after the other, and which of them can leave as one buffer.
// Takes no memory once it is made.
class SendArena {
 public:
  struct Batch {  // datagrams of one size to one place
    Endpoint to;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t segment = 0;
    std::size_t count = 0;
    bool closed = false;  // the last one was shorter
  };
  static constexpr std::size_t kMostBatches = 64;

  SendArena();

  [[nodiscard]] bool has_room(std::size_t size) const {
    return used_ + size <= bytes_.size() && batches_.size() < kMostBatches;
  }
  // Room for a datagram; there is some. add() keeps it, for `to`. `joined`: with the one before it
  // if that goes to the same place and is not shorter.
  MutableBytes reserve(std::size_t size);
  void add(const Endpoint& to, bool joined);
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
class UdpSender {
 public:
  // The socket must outlive it. `ipv4_only` as in address_of.
  UdpSender(int fd, bool ipv4_only) : fd_(fd), ipv4_only_(ipv4_only) {}

  // Sends all of it, or counts it as lost. On a link that is slower than the machine it waits for a
  // few milliseconds at most.
  void send(const SendArena& arena);

  // Whether the kernel cuts buffers into datagrams (UDP_SEGMENT), as far as is known.
  [[nodiscard]] bool segments() const { return segments_.load(std::memory_order_relaxed); }
  // Datagrams that the kernel did not take, and those that were dropped before.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
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
