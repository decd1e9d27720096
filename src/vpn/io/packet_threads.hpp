#pragma once

#include "base/context.hpp"
#include "vpn/io/frame_writer.hpp"
#include "vpn/io/udp_socket.hpp"

#include <optional>

namespace marvel::vpn {

// How the work on packets is spread: the node itself (ciphers, paths, sessions) always has one
// thread, which receives and reads the device, too. What the kernel does with what leaves is most
// of the time, and goes to a thread each: first sending over UDP, then writing to the device.
// docs/design/007-vpn.md, "Threads", has the measurements behind it.

// Starts the threads of these two; `device` is null for a super node. `wanted`: of all threads that
// carry packets; 0: one on machines with less than 4 CPUs, else as many as there is work for. How
// many there are then: fewer than wanted where there is no more work for them, or, with a warning,
// where the machine allows no more. At most 3, of a super node 2.
//
// Called once, by the node's thread, after privileges are dropped: they count for each thread
// alone. CPUs are those that this process may use, by affinity and control group.
int start_packet_threads(int wanted, UdpSocket& socket, FrameWriter* device, Context& context);

// A mistake of ours that one of their threads met: kInternal. The node cannot go on reliably.
// Cheap: the node's thread asks in each round.
std::optional<Error> failure_of_threads(const UdpSocket& socket, const FrameWriter* device);

}  // namespace marvel::vpn
