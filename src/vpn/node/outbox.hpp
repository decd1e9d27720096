#pragma once

#include "vpn/bytes.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>

namespace marvel::vpn {

// Where a frame's checksum is, and that it is only the sum of the pseudo header so far. The offsets
// count from the first byte of the frame; `start` 0 means that the frame is complete.
struct PartialChecksum {
  std::uint8_t start = 0;
  std::uint8_t offset = 0;
};

// What a node does to the world. The node writes each datagram straight into the room it was given,
// so that a runtime can send many at once and no packet is copied.
class Outbox {
 public:
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  virtual ~Outbox() = default;

  // Room for a datagram of `size` bytes, which send() follows before the next reserve().
  virtual MutableBytes reserve(std::size_t size) = 0;
  // The reserved datagram goes to `to`.
  virtual void send(const Endpoint& to) = 0;
  // A frame for the machine. The bytes live until the call returns.
  virtual void deliver(Bytes frame, const PartialChecksum& checksum) = 0;
  // The super node gave this address; once, and whenever it changes.
  virtual void addressed(Ipv4 address, unsigned bits) = 0;
  // Something that people should know. No secrets, no packets.
  virtual void tell(const std::string& message) = 0;
};

}  // namespace marvel::vpn
