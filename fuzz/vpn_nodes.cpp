// Whole nodes against noise: an edge and a super node take datagrams and frames of any bytes, cut
// from the input with a length in front of each. Nothing reaches the machine, and a super node
// never answers with more than it got.
#include "fuzz/check.hpp"
#include "fuzz/vpn_support.hpp"
#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace marvel::vpn;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FixedRandom random;
  Sink edge_sink;
  Sink supernode_sink;
  const KeyPairX key = KeyPairX::from(Secret(Block<32>{3}));
  EdgeOptions options;
  options.identity = key;
  options.name = "edge";
  const Endpoint somewhere = Endpoint::from_ipv4(0xc0000201, 4194);
  options.list = {{somewhere, key.point}};
  Edge edge(std::move(options), random, edge_sink);
  Supernode supernode(random, supernode_sink, 0);
  supernode.add({"grn", {0x0a080000, 24}, key, {}, {}});

  Bytes rest(data, size);
  Time now = seconds(1);
  while (rest.size() > 2) {
    const std::size_t wanted = load_le<std::uint16_t>(rest.data()) & 0x7ffU;
    const Bytes piece = rest.subspan(2, std::min(wanted, rest.size() - 2));
    rest = rest.subspan(2 + piece.size());
    std::vector<std::uint8_t> bytes(piece.begin(), piece.end());
    const std::size_t before = supernode_sink.sent;
    supernode.datagram(now, somewhere, bytes);
    FUZZ_LAW(supernode_sink.sent - before <= bytes.size());
    bytes.assign(piece.begin(), piece.end());
    edge.datagram(now, somewhere, bytes);
    edge.frame(now, piece, {});
    edge.tick(now);
    now += kTick;
  }
  FUZZ_LAW(edge_sink.delivered == 0);
  return 0;
}
