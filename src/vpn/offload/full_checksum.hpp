#pragma once

#include "vpn/node/outbox.hpp"

namespace marvel::vpn {

// Between complete checksums of TCP and UDP, which go over the wire where the other side expects
// them, and partial ones, which the kernel takes and gives where nothing can have been damaged.

// Completes the checksum of a frame; does nothing where it is complete. What `partial` says must
// lie within the frame. A sum of 0 becomes 0xffff for UDP, where 0 would mean that there is none.
void complete_checksum(MutableBytes frame, const PartialChecksum& partial);

// Whether a kernel may have left a checksum partial there: TCP's, UDP's, ICMPv6's or GRE's own, or
// one of a packet that UDP or another tunnel carries. Headers, which others have judged the frame
// by, are no such place, nor is what is beyond the frame. It has an IPv4 or IPv6 header.
bool is_checksum_place(Bytes frame, const PartialChecksum& partial);

// Checks a TCP packet (IPv4 or IPv6, no fragment): where its checksum is right it is made partial,
// so that a Coalescer may join it with others. Complete, for the kernel to judge, in every other
// case.
PartialChecksum verify_checksum(MutableBytes frame);

}  // namespace marvel::vpn
