#pragma once

#include "vpn/node/outbox.hpp"

#include <array>
#include <functional>
#include <vector>

namespace marvel::vpn {

// The opposite of Segmenter: joins packets of a TCP stream that follow each other to one big frame,
// so that the kernel handles one where 40 came, as a network card with receive offload does.
// Packets are joined only if cutting the result would give the same packets again, but for IPv4's
// id. Only packets with a partial checksum are joined: what has a complete one was not vouched for
// by the tunnel's own check.
//
//   for (each frame at hand) { coalescer.add(frame, checksum); }
//   coalescer.flush();
//
// Order within a stream stays. Call flush() when no more packets are at hand: nothing else lets the
// last ones go, and there is no timer. Eight streams are joined at a time, in memory that is kept;
// a ninth one sends off another. One thread at a time.
class Coalescer {
 public:
  // Takes a frame with `segment` and `headers` as in write_tap_header; both are 0 for a frame that
  // is as it came. The bytes live until it returns.
  using Sink = std::function<void(Bytes frame, const PartialChecksum& checksum, std::size_t segment,
                                  std::size_t headers)>;
  explicit Coalescer(Sink sink);

  // Joins, or hands over to the sink at once what cannot be joined: before it, what is kept of its
  // stream. The frame's bytes are copied or passed on before it returns. A packet with PSH, or one
  // that is shorter than the others, ends what is joined.
  void add(Bytes frame, const PartialChecksum& checksum);
  void flush();

 private:
  struct Stream {
    std::vector<std::uint8_t> frame;  // empty: not in use
    PartialChecksum checksum;
    std::size_t transport = 0;
    std::size_t headers = 0;
    std::size_t segment = 0;  // payload of the first packet, and of all but the last
    std::uint32_t next = 0;   // sequence number that continues it
    bool joined = false;
  };
  // Steps of add(): a stream that is free takes the frame, hands over what it has, or grows.
  void begin(Stream& stream, Bytes frame, const PartialChecksum& checksum);
  void emit(Stream& stream);
  void join(Stream& stream, Bytes frame);
  // The stream with the frame's addresses and ports; null for none.
  Stream* stream_of(Bytes frame, std::size_t tcp);
  Stream& free_stream();
  // Whether the frame differs from the next packet of the stream in nothing but what cutting sets.
  static bool continues(const Stream& stream, Bytes frame);

  Sink sink_;
  std::array<Stream, 8> streams_;
  std::size_t next_victim_ = 0;
};

}  // namespace marvel::vpn
