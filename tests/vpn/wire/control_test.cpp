#include "vpn/wire/control.hpp"

#include "vpn/constants.hpp"
#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

const Endpoint kSomewhere = Endpoint::from_ipv4(0xc0000201, 4194);

std::vector<Control> one_of_each() {
  PeerInfo info{make_identity(1).point,   0x0a080002,        "edge-2", kSomewhere,
                {kSomewhere, kSomewhere}, {{0x0af40100, 24}}};
  return {Register{"edge-1", 0x0a080001, {kSomewhere}, {{0x0af40200, 24}, {0x0a090000, 16}}},
          Lease{0x0a080001, 24, kSomewhere},
          Refused{Refused::Reason::kNameTaken},
          Find{0x0a080002, NodeId{1, 2}},
          info,
          Absent{0x0a080002, NodeId{1, 2}},
          Probe{77},
          ProbeReply{77, kSomewhere},
          Bye{},
          PathProbe{78, 5},
          Everybody{},
          TrainAsk{79, 100, 1400},
          Train{79, 99, 100, 7},
          TrainEnd{79},
          TrainReport{79, 98, 68600, 27440}};
}

}  // namespace

TEST_CASE("every control message comes back as it was written") {
  for (const Control& message : one_of_each()) {
    const auto bytes = encode(message);
    const auto read = decode(bytes);
    REQUIRE(read);
    CHECK(read->index() == message.index());
    CHECK(encode(*read) == bytes);
  }
}

TEST_CASE("no beginning of a control message, and none with a byte more, is one") {
  for (const Control& message : one_of_each()) {
    auto bytes = encode(message);
    CAPTURE(static_cast<int>(bytes[0]));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(decode(Bytes(bytes).first(size)));
    }
    bytes.push_back(0);
    CHECK_FALSE(decode(bytes));
  }
}

TEST_CASE("values out of range are refused") {
  auto refused = encode(Refused{});
  refused[1] = 9;
  CHECK_FALSE(decode(refused));
  CHECK_FALSE(decode(encode(Lease{0x0a080001, 31, kSomewhere})));
  CHECK_FALSE(decode(encode(Lease{0, 24, kSomewhere})));
  CHECK_FALSE(decode(encode(Register{"../leases", 0, {}, {}})));
  CHECK_FALSE(decode(encode(Register{"a", 0, {}, {{0x0a080001, 24}}})));  // host bits
  CHECK_FALSE(decode(encode(Register{"a", 0, {}, {{0, 7}}})));
  auto padded = encode(PathProbe{1, 4});
  padded.back() = 1;
  CHECK_FALSE(decode(padded));
  CHECK_FALSE(decode(encode(TrainAsk{1, 1, 1400})));
  CHECK_FALSE(decode(encode(TrainAsk{1, kMostTrainPackets + 1, 1400})));
  CHECK_FALSE(decode(encode(TrainAsk{1, 100, kTrainText - 1})));
  CHECK_FALSE(decode(encode(TrainAsk{1, 100, kMostTrainText + 1})));
  CHECK_FALSE(decode(encode(Train{1, 100, 100, 0})));
  auto filled = encode(Train{1, 0, 100, 4});
  filled.back() = 1;
  CHECK_FALSE(decode(filled));
  CHECK_FALSE(decode(Bytes(std::vector<std::uint8_t>{200})));
}

TEST_CASE("the longest message fits its limit") {
  PeerInfo info{{}, 1, std::string(63, 'x'), kSomewhere, {}, {}};
  info.candidates.assign(kMaxCandidates + 5, kSomewhere);
  info.prefixes.assign(kMaxPrefixes + 5, {0x0af40100, 24});
  const auto bytes = encode(info);
  CHECK(bytes.size() <= kMaxControl);
  const auto read = decode(bytes);
  REQUIRE(read);
  CHECK(std::get<PeerInfo>(*read).candidates.size() == kMaxCandidates);
}

TEST_CASE("names of nodes are short and plain") {
  CHECK(is_node_name("edge-1.lab_2"));
  for (const char* name : {"", ".x", "-x", "a b", "a/b", "a\n", "\xc3\xa4"}) {
    CHECK_FALSE(is_node_name(name));
  }
  CHECK(is_node_name(std::string(63, 'a')));
  CHECK_FALSE(is_node_name(std::string(64, 'a')));
}

}  // namespace marvel::vpn
