// Frames of the machine: the first 10 bytes are the kernel's header. Cutting keeps every byte of
// payload and never writes beyond what it said; joining the pieces keeps them, too.
#include "fuzz/check.hpp"
#include "vpn/node/access_list.hpp"
#include "vpn/offload/coalescer.hpp"
#include "vpn/offload/frame.hpp"
#include "vpn/offload/ipv6.hpp"
#include "vpn/offload/tap_header.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::vpn;
  if (size < kTapHeader) {
    return 0;
  }
  const Bytes frame = Bytes(data, size).subspan(kTapHeader);
  const auto info = read_tap_header({data, kTapHeader}, frame.size());
  static_cast<void>(read_arp_request(frame));
  if (const auto question = read_neighbour_question(frame)) {
    FUZZ_LAW(neighbour_answer(*question, Mac{2}).size() == kEthernet + kIpv6Header + 32);
  }
  if (has_ipv4_header(frame) || has_ipv6_header(frame)) {
    AccessList list;
    list.set_rules({{"nobody", 0, 0}});
    list.sent(seconds(1), {}, frame);
    static_cast<void>(list.allows(seconds(1), {}, {}, frame));
  }
  if (!info || frame.size() < kEthernet) {
    return 0;
  }
  std::size_t joined = 0;
  std::size_t cut_bytes = 0;
  Coalescer coalescer(
      [&joined](Bytes one, const PartialChecksum&, std::size_t segment, std::size_t headers) {
        FUZZ_LAW(segment == 0 || headers < one.size());
        joined += one.size();
      });
  Segmenter cut(frame, *info);
  int pieces = 0;
  while (!cut.done() && pieces < 2000) {
    std::vector<std::uint8_t> piece(cut.next_size());
    FUZZ_LAW(!piece.empty() && piece.size() <= frame.size());
    cut.write(piece);
    coalescer.add(piece, cut.checksum());
    cut_bytes += piece.size();
    ++pieces;
  }
  coalescer.flush();
  FUZZ_LAW(joined <= cut_bytes);
  FUZZ_LAW(pieces == 2000 || cut_bytes >= frame.size());
  return 0;
}
