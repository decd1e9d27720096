#pragma once

#include "base/result.hpp"
#include "vpn/bytes.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace marvel::vpn {

// A UDP socket for IPv4 and IPv6 that takes and gives many datagrams per system call: datagrams of
// one size to one place leave as one buffer that the kernel or the card cuts (UDP_SEGMENT), and
// arrive as one (UDP_GRO), where the kernel can; recvmmsg and sendmmsg do the rest.
//
// Datagrams are never fragmented: those that are too large for the path are lost, so that nodes can
// find its size.
//
//   MARVEL_TRY(UdpSocket socket, UdpSocket::open(listen));
//   const MutableBytes room = socket.reserve(size);   // written in place, not copied
//   socket.queue(to);
//   socket.flush();                                   // once per round
//
// All memory is taken at the start: 2 MiB to receive, 512 KiB to send, four times that with a
// thread of its own; the kernel is asked for 8 MiB in each direction. Moved, it is the same socket,
// and its thread goes on.
//
// One thread at a time; start_thread() gives it a second one of its own, which sends.
class UdpSocket {
 public:
  // `address` empty: all, of both families where the machine has IPv6. An IPv4 address: IPv4 alone.
  // Port 0: any. kUnavailable when it is taken or not of this machine.
  static Result<UdpSocket> open(const Endpoint& local);
  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket();

  [[nodiscard]] int fd() const { return fd_.get(); }
  // The port that is really open.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  // From here on a thread of this socket's own sends, but for the little that is sent at once while
  // that thread has nothing to do: order stays. Called at most once, after privileges are dropped,
  // which counts for each thread alone. False where the machine allows no more threads.
  bool start_thread();

  // Room for a datagram; queue() hands it over; flush() sends what is queued. Both of them send by
  // themselves when the room is used up, and wait while the sending thread has all the room. The
  // room is lent until queue(), or the next reserve(). An IPv6 place on a socket of IPv4 alone
  // counts as lost.
  MutableBytes reserve(std::size_t size);
  void queue(const Endpoint& to);
  void flush();

  // Hands what has come to `take`, which may change the bytes, and has them until it returns. Does
  // not wait. How many buffers there were, each of one or more datagrams, at most 32; 0: none left.
  // `take` may reserve and queue.
  using Take = std::function<void(const Endpoint& from, MutableBytes datagram)>;
  std::size_t receive(const Take& take);

  // Datagrams that the kernel did not take, since the start.
  [[nodiscard]] std::uint64_t lost() const;
  // Whether the sending thread met a mistake of ours; what it sent then is lost.
  [[nodiscard]] bool failed() const;

 private:
  struct Outgoing;
  struct Incoming;

  UdpSocket(Fd fd, bool ipv4_only, std::uint16_t port);
  void prepare(std::size_t at);

  Fd fd_;
  bool ipv4_only_ = false;
  std::uint16_t port_ = 0;
  std::unique_ptr<Outgoing> outgoing_;  // its thread ends before fd_ is closed
  std::unique_ptr<Incoming> incoming_;
};

// All addresses of "HOST:PORT", at least one, in the order that the system prefers; kNotFound when
// the name does not resolve, kInput for another form. `lowest` is the lowest port that makes sense:
// 0 where any may be chosen. Asks DNS, which may take seconds: not in the thread that carries
// packets, but in an Aside. From any thread.
Result<std::vector<Endpoint>> resolve(const std::string& host_and_port, std::uint16_t lowest = 1);

}  // namespace marvel::vpn
