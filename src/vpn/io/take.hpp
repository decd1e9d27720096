#pragma once

#include "vpn/io/tap.hpp"
#include "vpn/io/udp_socket.hpp"

#include <optional>

namespace marvel::vpn {

// What has arrived is handed to a node (an edge or a super node, native or of n2n), at most so much
// in one turn that neither side of it and no timer waits long. What is left is told of by the next
// Poller::wait().

// Up to 64 frames of the device, each to edge.frame(). False when the device is gone.
template <class Edge, class Time>
bool take_frames(Tap& tap, Edge& edge, Time now) {
  constexpr int kAtOnce = 64;
  for (int count = 0; count < kAtOnce; ++count) {
    bool broken = false;
    const auto frame = tap.read(broken);
    if (frame) {
      edge.frame(now, frame->bytes, frame->info);
    } else {
      return !broken;
    }
  }
  return true;
}

// Up to `batches` times what UdpSocket::receive() gives at once, each datagram to node.datagram(),
// which may change its bytes.
template <class Node, class Time>
void take_datagrams(UdpSocket& socket, Node& node, Time now, int batches) {
  const auto hand_over = [&node, now](const Endpoint& from, MutableBytes bytes) {
    node.datagram(now, from, bytes);
  };
  for (int count = 0; count < batches && socket.receive(hand_over) > 0; ++count) {
  }
}

}  // namespace marvel::vpn
