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
// One thread at a time.
class UdpSocket {
 public:
  // `address` empty: all. Port 0: any. kUnavailable when it is taken or not of this machine.
  static Result<UdpSocket> open(const Endpoint& local);
  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  // Room for a datagram; queue() hands it over; flush() sends what is queued. Both of them send by
  // themselves when the room is used up.
  MutableBytes reserve(std::size_t size);
  void queue(const Endpoint& to);
  void flush();

  // Hands what has come to `take`, which may change the bytes. How many there were; 0: none left.
  using Take = std::function<void(const Endpoint& from, MutableBytes datagram)>;
  std::size_t receive(const Take& take);

  // Datagrams that the kernel did not take.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  struct Batch {  // datagrams of one size to one place
    Endpoint to;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t segment = 0;
    std::size_t count = 0;
    bool closed = false;  // the last one was shorter
  };
  struct Incoming;

  UdpSocket(Fd fd, bool ipv4_only, std::uint16_t port);
  std::size_t send_batches(std::size_t first);
  void send_one_by_one(const Batch& batch);
  [[nodiscard]] bool wait_for_room() const;
  void prepare(std::size_t at);

  Fd fd_;
  bool ipv4_only_ = false;
  bool segments_ = true;  // UDP_SEGMENT works
  bool waited_ = false;   // in this flush
  std::uint16_t port_ = 0;
  std::vector<std::uint8_t> arena_;
  std::size_t used_ = 0;
  std::size_t reserved_ = 0;
  std::vector<Batch> batches_;
  std::unique_ptr<Incoming> incoming_;
  std::uint64_t lost_ = 0;
};

// All addresses of "HOST:PORT"; kNotFound when the name does not resolve, kInput for another form.
// `lowest` is the lowest port that makes sense: 0 where any may be chosen.
Result<std::vector<Endpoint>> resolve(const std::string& host_and_port, std::uint16_t lowest = 1);

}  // namespace marvel::vpn
