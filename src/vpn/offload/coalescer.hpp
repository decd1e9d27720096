#pragma once

#include "vpn/node/outbox.hpp"

#include <array>
#include <functional>
#include <vector>

namespace marvel::vpn {

// The opposite of Segmenter: joins packets of a TCP stream that follow each other to one big
// frame, so that the kernel handles one where 40 came, as a network card with receive offload does.
// Packets are joined only if cutting the result would give the same packets again, but for IPv4's
// id. Only packets with a partial checksum are joined: what has a complete one was not vouched for
// by the tunnel's own check.
//
// Order within a stream stays. Call flush() when no more packets are at hand.
class Coalescer {
 public:
  // Takes a frame with `segment` and `headers` as in write_tap_header. The bytes live until it
  // returns.
  using Sink = std::function<void(Bytes frame, const PartialChecksum& checksum, std::size_t segment,
                                  std::size_t headers)>;
  explicit Coalescer(Sink sink);

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
  void begin(Stream& stream, Bytes frame, const PartialChecksum& checksum);
  void emit(Stream& stream);
  void join(Stream& stream, Bytes frame);
  Stream* stream_of(Bytes frame, std::size_t tcp);
  Stream& free_stream();
  static bool continues(const Stream& stream, Bytes frame);

  Sink sink_;
  std::array<Stream, 8> streams_;
  std::size_t next_victim_ = 0;
};

}  // namespace marvel::vpn
