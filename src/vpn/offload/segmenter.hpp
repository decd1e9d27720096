#pragma once

#include "vpn/bytes.hpp"
#include "vpn/node/outbox.hpp"

namespace marvel::vpn {

// What the kernel says of a frame it read or is given: the virtio_net_hdr of a TAP device, checked.
//
// The kernel hands over frames of up to 64 KiB as if a network card would cut them; kWhole is any
// frame that is one packet already. The default is one packet with a complete checksum.
struct FrameInfo {
  enum class Kind : std::uint8_t { kWhole, kTcp, kUdp };
  Kind kind = Kind::kWhole;
  std::uint16_t segment = 0;  // bytes of payload in each packet of a big frame
  // Of a big frame it does not matter: Segmenter sets its own.
  PartialChecksum checksum;
};

// Cuts the big frames that TCP and UDP offload hand over (IPv4 and IPv6) into packets of the size
// that goes over the wire, as a network card with TSO would: lengths, IPv4's id and the TCP
// sequence number count on, FIN and PSH stay with the last one, and the mark of a reduced window
// with the first. Checksums of TCP and UDP stay partial; the receiving kernel completes them or
// knows that it need not.
//
//   Segmenter cut(frame, info);
//   while (!cut.done()) { out.resize(cut.next_size()); cut.write(out); }
//
// So one call of the kernel brings what forty would. The sums over headers are made once per frame;
// a packet costs a copy of its bytes and no memory.
class Segmenter {
 public:
  // The frame must live as long. A frame that is not what `info` says is passed on whole.
  Segmenter(Bytes frame, const FrameInfo& info);

  [[nodiscard]] bool done() const { return at_ >= frame_.size(); }
  // What it cuts.
  [[nodiscard]] Bytes frame() const { return frame_; }
  // Bytes of the next packet, headers included. Only while not done().
  [[nodiscard]] std::size_t next_size() const;
  // Fills `out`, which has next_size() bytes.
  void write(MutableBytes out);
  // Of each packet it writes, the same for all. Of a frame that is passed on whole, what `info`
  // said.
  [[nodiscard]] const PartialChecksum& checksum() const { return info_.checksum; }

 private:
  void fix_ip(MutableBytes out) const;
  void fix_tcp(MutableBytes out, bool is_last) const;
  void fix_udp(MutableBytes out) const;

  Bytes frame_;
  FrameInfo info_;
  std::size_t transport_ = 0;  // where the header of TCP or UDP begins
  std::size_t headers_ = 0;    // bytes of all headers, which every packet repeats
  std::size_t at_ = 0;         // the next byte of payload; 0 for a whole frame
  std::uint16_t count_ = 0;
  bool ipv6_ = false;
  std::uint64_t ip_sum_ = 0;      // of what all packets have in their IPv4 header
  std::uint64_t pseudo_sum_ = 0;  // and in their pseudo header
};

// The folded sum of the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1) of a frame whose transport
// header begins at `transport`, and for IPv6 follows the fixed header: what a partial checksum
// holds.
std::uint16_t pseudo_sum(Bytes frame, std::size_t transport);

}  // namespace marvel::vpn
