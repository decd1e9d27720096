#include "vpn/node/access_list.hpp"

#include "vpn/node/simulator.hpp"

namespace marvel::vpn {
namespace {

constexpr NodeId kPeer{1};
const std::vector<std::string> kCamera{"camera"};

// From port `source` to port `destination`.
std::vector<std::uint8_t> packet(std::uint8_t protocol, std::uint16_t source,
                                 std::uint16_t destination) {
  auto frame = sim::text_frame({}, {}, 1, 2, std::string(20, '\0'));
  frame[kEthernet + 9] = protocol;
  store_be16(frame.data() + kEthernet + 20, source);
  store_be16(frame.data() + kEthernet + 22, destination);
  return frame;
}

AccessList list_of(const std::vector<std::string>& rules) {
  AccessList list;
  std::vector<AccessRule> parsed;
  for (const auto& one : rules) {
    parsed.push_back(*parse_access_rule(one));
  }
  list.set_rules(parsed);
  return list;
}

}  // namespace

TEST_CASE("without rules everything passes") {
  AccessList list;
  CHECK(list.allows(seconds(1), kPeer, {}, packet(6, 1000, 22)));
}

TEST_CASE("a rule allows its group, protocol and port, and nothing else") {
  AccessList list = list_of({"camera:tcp/8554", "*:icmp", "admin"});
  CHECK(list.allows(seconds(1), kPeer, kCamera, packet(6, 1000, 8554)));
  CHECK_FALSE(list.allows(seconds(1), kPeer, kCamera, packet(6, 1000, 22)));
  CHECK_FALSE(list.allows(seconds(1), kPeer, kCamera, packet(17, 1000, 8554)));
  CHECK_FALSE(list.allows(seconds(1), kPeer, {}, packet(6, 1000, 8554)));
  CHECK(list.allows(seconds(1), kPeer, {}, packet(1, 0x0800, 0)));
  CHECK(list.allows(seconds(1), kPeer, {"x", "admin"}, packet(17, 5, 6)));
}

TEST_CASE("answers to what was begun here pass, from that peer and those ports only") {
  AccessList list = list_of({"nobody"});
  list.sent(seconds(1), kPeer, packet(17, 5000, 53));
  CHECK(list.allows(seconds(2), kPeer, {}, packet(17, 53, 5000)));
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, packet(17, 53, 5001)));
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, packet(17, 54, 5000)));
  CHECK_FALSE(list.allows(seconds(2), {2}, {}, packet(17, 53, 5000)));
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, packet(6, 53, 5000)));
  CHECK_FALSE(list.allows(seconds(200), kPeer, {}, packet(17, 53, 5000)));
  list.sweep(seconds(200));
}

TEST_CASE("later fragments pass, first ones are judged") {
  AccessList list = list_of({"camera:udp/1"});
  auto frame = packet(17, 1, 2);
  CHECK_FALSE(list.allows(seconds(1), kPeer, kCamera, frame));
  frame[kEthernet + 7] = 8;
  CHECK(list.allows(seconds(1), kPeer, kCamera, frame));
}

TEST_CASE("rules that say nothing clear are refused") {
  for (const char* text :
       {"", ":tcp", "a:", "a:sctp", "a:tcp/0", "a:tcp/65536", "a:tcp/x", "a:icmp/1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_access_rule(text));
  }
}

}  // namespace marvel::vpn
