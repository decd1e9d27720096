#pragma once

#include "vpn/bytes.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>

namespace marvel::vpn {

// Where a frame's checksum is, and that it is only the sum of the pseudo header so far. The offsets
// count from the first byte of the frame; `start` 0 means that the frame is complete.
//
// The sum is made over what begins at `start`, and stands `offset` bytes behind that: {34, 16} for
// TCP over IPv4 without options. Two bytes are enough for it because headers are short; they travel
// in the header of a sealed packet, so the receiving kernel may skip the sum over what the tunnel's
// own tag has covered.
struct PartialChecksum {
  std::uint8_t start = 0;
  std::uint8_t offset = 0;
};

// What a node does to the world. The node writes each datagram straight into the room it was given,
// so that a runtime can send many at once and no packet is copied.
//
//   const MutableBytes room = outbox.reserve(size);
//   ... write and seal the datagram in `room` ...
//   outbox.send(to);
//
// All calls come from inside of the node's own, on its thread; none of them may drive the node in
// turn. It outlives the node. Nothing can fail here: what the world does not take is lost, as a
// datagram may be anyway. io/run_edge.cpp has that of a machine, tests/vpn/node/simulator.hpp that
// of a simulated one.
class Outbox {
 public:
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  virtual ~Outbox() = default;

  // Room for a datagram of `size` bytes, which send() follows before the next reserve(). Without a
  // send() the room is given back unused, as where a session has just become too old.
  virtual MutableBytes reserve(std::size_t size) = 0;
  // The reserved datagram goes to `to`.
  virtual void send(const Endpoint& to) = 0;
  // A frame for the machine. The bytes live until the call returns.
  virtual void deliver(Bytes frame, const PartialChecksum& checksum) = 0;
  // The super node gave this address; once, and whenever it changes. `bits` are those of the
  // community's network.
  virtual void addressed(Ipv4 address, unsigned bits) = 0;
  // Something that people should know, as a line of a log. No secrets, no packets.
  virtual void tell(const std::string& message) = 0;
};

}  // namespace marvel::vpn
