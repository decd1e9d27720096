// n2n's datagrams: what was accepted is written as the same bytes again; whole nodes take any
// datagrams and frames, and a super node sends at most one datagram to each edge for one that it
// got. The first byte chooses encrypted headers and the cipher.
#include "fuzz/check.hpp"
#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace marvel::vpn;

constexpr std::size_t kLargestAnswer = 128;  // more than an answer adds

class FixedRandom : public Random {
 public:
  void fill(MutableBytes out) override {
    for (auto& byte : out) {
      byte = static_cast<std::uint8_t>(++state_ * 167U);
    }
  }

 private:
  std::uint32_t state_ = 0;
};

class Sink : public Outbox {
 public:
  MutableBytes reserve(std::size_t size) override {
    room_.assign(size, 0);
    return room_;
  }
  void send(const Endpoint& /*to*/) override { sent += room_.size(); }
  void deliver(Bytes frame, const PartialChecksum& checksum) override {
    FUZZ_LAW(frame.size() >= 14);
    FUZZ_LAW(checksum.start == 0 || checksum.start + checksum.offset + 2U <= frame.size());
  }
  void addressed(Ipv4 /*address*/, unsigned bits) override { FUZZ_LAW(bits >= 8 && bits <= 30); }
  void tell(const std::string& /*message*/) override {}

  std::size_t sent = 0;

 private:
  std::vector<std::uint8_t> room_;
};

void check_codec(Bytes bytes) {
  if (const auto message = n2n::decode(bytes)) {
    const auto again = n2n::encode(*message);
    FUZZ_LAW(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  }
  if (const auto head = n2n::read_head(bytes)) {
    std::vector<std::uint8_t> again(head->size());
    n2n::write_head(*head, again);
    FUZZ_LAW(std::equal(again.begin(), again.end(), bytes.begin()));
  }
}

n2n::EdgeOptions options_of(std::uint8_t choice, const Endpoint& supernode) {
  constexpr std::array kCiphers{n2n::Cipher::kNull, n2n::Cipher::kAes, n2n::Cipher::kChaCha20,
                                n2n::Cipher::kSpeck};
  n2n::EdgeOptions options;
  options.community = *n2n::community_of("testnet");
  options.name = "edge";
  options.key = "k123";
  options.mac = {2, 0, 0, 0, 0, 1};
  options.cipher = kCiphers.at(choice & 3U);
  options.encrypted_header = (choice & 4U) != 0;
  options.supernodes = {supernode};
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  FixedRandom random;
  Sink edge_sink;
  Sink supernode_sink;
  const Endpoint somewhere = Endpoint::from_ipv4(0xc0000201, 7654);
  n2n::Edge edge(options_of(data[0], somewhere), random, edge_sink);
  n2n::SupernodeOptions served;
  served.mac = {2, 0, 0, 0, 1, 1};
  n2n::Supernode supernode(served, random, supernode_sink);
  FUZZ_LAW(supernode.add({"testnet", std::nullopt, {}}).has_value());

  Bytes rest(data + 1, size - 1);
  Time now = seconds(1);
  while (rest.size() > 2) {
    const std::size_t wanted = load_le<std::uint16_t>(rest.data()) & 0x7ffU;
    const Bytes piece = rest.subspan(2, std::min(wanted, rest.size() - 2));
    rest = rest.subspan(2 + piece.size());
    check_codec(piece);
    std::vector<std::uint8_t> bytes(piece.begin(), piece.end());
    const std::size_t before = supernode_sink.sent;
    supernode.datagram(now, somewhere, bytes);
    FUZZ_LAW(supernode_sink.sent - before <=
             (bytes.size() + kLargestAnswer) * (supernode.edges().size() + 1));
    bytes.assign(piece.begin(), piece.end());
    edge.datagram(now, somewhere, bytes);
    edge.frame(now, piece, {});
    edge.tick(now);
    supernode.tick(now);
    now += kTick;
  }
  return 0;
}
