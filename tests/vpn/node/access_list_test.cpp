#include "vpn/node/access_list.hpp"

#include "vpn/node/simulator.hpp"
#include "vpn/offload/ipv6.hpp"
#include "vpn/offload/packets.hpp"

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

// The same over IPv6, behind `headers`: numbers of extension headers of 8 bytes.
std::vector<std::uint8_t> ipv6(const std::vector<std::uint8_t>& headers, std::uint8_t protocol,
                               std::uint16_t source, std::uint16_t destination) {
  std::vector<std::uint8_t> frame(kEthernet + kIpv6Header + 8 * headers.size() + 20);
  store_be16(frame.data() + 12, kTypeIpv6);
  frame[kEthernet] = 0x60;
  std::size_t next = kEthernet + 6;
  std::size_t at = kEthernet + kIpv6Header;
  for (const std::uint8_t header : headers) {
    frame[next] = header;
    next = at;
    at += 8;
  }
  frame[next] = protocol;
  store_be16(frame.data() + at, source);
  store_be16(frame.data() + at + 2, destination);
  return frame;
}

std::vector<std::uint8_t> tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags) {
  auto frame = packet(6, source, destination);
  frame[kEthernet + 33] = flags;
  return frame;
}

// "Destination unreachable" of ICMP or ICMPv6 about a packet, of which it repeats the beginning.
std::vector<std::uint8_t> report(const std::vector<std::uint8_t>& about, std::uint8_t protocol = 1,
                                 std::uint8_t type = 3) {
  auto frame = sim::text_frame({}, {}, 1, 2, std::string(8, '\0'));
  frame[kEthernet + 9] = protocol;
  frame[kEthernet + 20] = type;
  frame.insert(frame.end(), about.begin() + kEthernet, about.begin() + kEthernet + 28);
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

void set_rules(AccessList& list, const std::string& rule) {
  list.set_rules({*parse_access_rule(rule)});
}

constexpr std::uint8_t kSyn = 2;
constexpr std::uint8_t kAck = 0x10;

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

TEST_CASE("extension headers of IPv6 hide no packet and let none in") {
  AccessList list = list_of({"camera:tcp/8554"});
  const Time now = seconds(1);
  for (const auto& headers : std::vector<std::vector<std::uint8_t>>{{}, {60}, {44}, {0, 60, 44}}) {
    CHECK(list.allows(now, kPeer, kCamera, ipv6(headers, 6, 1000, 8554)));
    CHECK_FALSE(list.allows(now, kPeer, kCamera, ipv6(headers, 6, 1000, 22)));
    // A question behind headers opens the way for its answer and for nothing else behind them.
    list.sent(now, kPeer, ipv6(headers, 17, 5000, 53));
    CHECK(list.allows(now, kPeer, {}, ipv6({44}, 17, 53, 5000)));
    CHECK_FALSE(list.allows(now, kPeer, {}, ipv6(headers, 6, 1000, 22)));
    CHECK_FALSE(list.allows(now, kPeer, {}, ipv6(headers, 17, 53, 22)));
  }
}

TEST_CASE("headers of IPv6 that do not end in the packet pass by no flow") {
  AccessList list = list_of({"camera:tcp/8554", "admin"});
  auto cut = ipv6({60}, 6, 1000, 22);
  cut[kEthernet + kIpv6Header + 1] = 200;  // 8 bytes each
  list.sent(seconds(1), kPeer, cut);
  CHECK_FALSE(list.allows(seconds(1), kPeer, kCamera, cut));
  CHECK(list.allows(seconds(1), kPeer, {"admin"}, cut));
}

TEST_CASE("rules that say nothing clear are refused") {
  for (const char* text :
       {"", ":tcp", "a:", "a:sctp", "a:tcp/0", "a:tcp/65536", "a:tcp/x", "a:icmp/1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_access_rule(text));
  }
}

TEST_CASE("a TCP connection that was ended is forgotten soon, and a new one from its port is not") {
  AccessList list = list_of({"nobody"});
  for (const std::uint8_t end : Block<2>{0x11, 0x04}) {  // FIN, RST
    for (const bool ours : {true, false}) {
      list.sent(seconds(1), kPeer, tcp(5000, 80, kSyn));
      CHECK(list.allows(seconds(3000), kPeer, {}, tcp(80, 5000, kAck)));
      if (ours) {
        list.sent(seconds(3000), kPeer, tcp(5000, 80, end));
      } else {
        CHECK(list.allows(seconds(3000), kPeer, {}, tcp(80, 5000, end)));
      }
      CHECK(list.allows(seconds(3010), kPeer, {}, tcp(80, 5000, kAck)));
      CHECK_FALSE(list.allows(seconds(3045), kPeer, {}, tcp(80, 5000, kAck)));
      list.sent(seconds(3046), kPeer, tcp(5000, 80, kSyn));
      CHECK(list.allows(seconds(3100), kPeer, {}, tcp(80, 5000, kAck)));
      list.sweep(seconds(3100));
      CHECK(list.allows(seconds(3100), kPeer, {}, tcp(80, 5000, kAck)));
      list.sweep(seconds(10'000));
    }
  }
}

TEST_CASE("a list that is full forgets what is quiet longest, and takes what is new") {
  AccessList list = list_of({"nobody"});
  const auto flow = [](int number) {
    return packet(6, static_cast<std::uint16_t>(number % 60'000),
                  static_cast<std::uint16_t>(80 + number / 60'000));
  };
  const auto answer = [](int number) {
    return packet(6, static_cast<std::uint16_t>(80 + number / 60'000),
                  static_cast<std::uint16_t>(number % 60'000));
  };
  for (int number = 0; number < 70'000; ++number) {
    list.sent(seconds(1 + number / 100), kPeer, flow(number));
    CHECK(list.allows(seconds(1 + number / 100), kPeer, {}, answer(0)));
  }
  CHECK(list.allows(seconds(701), kPeer, {}, answer(0)));
  CHECK(list.allows(seconds(701), kPeer, {}, answer(69'999)));
  CHECK_FALSE(list.allows(seconds(701), kPeer, {}, answer(1)));
}

TEST_CASE("a report of ICMP passes when it is about something that was begun here") {
  AccessList list = list_of({"camera:udp/1"});
  list.sent(seconds(1), kPeer, packet(17, 5000, 53));
  CHECK(list.allows(seconds(2), kPeer, {}, report(packet(17, 5000, 53))));
  CHECK_FALSE(list.allows(seconds(2), {2}, {}, report(packet(17, 5000, 53))));
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, report(packet(17, 5000, 54))));
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, report(packet(6, 5000, 53))));
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, report(packet(17, 5000, 53), 1, 5)));  // redirect
  CHECK_FALSE(list.allows(seconds(200), kPeer, {}, report(packet(17, 5000, 53))));
  const auto whole = report(packet(17, 5000, 53));
  for (std::size_t size = kEthernet + 20; size < whole.size(); ++size) {
    CHECK_FALSE(list.allows(seconds(2), kPeer, {}, Bytes(whole).first(size)));
  }
  CHECK(list_of({"camera:icmp"}).allows(seconds(2), kPeer, kCamera, whole));
}

TEST_CASE("a packet over IPv6 that was too big is reported to who sent it") {
  AccessList list = list_of({"nobody"});
  const auto ours = over_ipv6(udp_frame(100));
  list.sent(seconds(1), kPeer, ours);
  auto too_big = over_ipv6(udp_frame(0));
  too_big[kEthernet + 6] = 58;
  too_big[kTcp6At] = 2;
  too_big.insert(too_big.end(), ours.begin() + kEthernet, ours.end());
  CHECK(list.allows(seconds(2), kPeer, {}, too_big));
  too_big[kTcp6At + 8 + kIpv6Header] ^= 1;  // another port
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, too_big));
}

TEST_CASE("a connection that a rule let in ends with its rule, and one begun here goes on") {
  AccessList list = list_of({"*:tcp/22"});
  REQUIRE(list.allows(seconds(1), kPeer, {}, tcp(5000, 22, kSyn)));
  list.sent(seconds(1), kPeer, tcp(22, 5000, kSyn | kAck));
  list.sent(seconds(1), kPeer, tcp(6000, 443, kSyn));
  REQUIRE(list.allows(seconds(2), kPeer, {}, tcp(5000, 22, kAck)));
  set_rules(list, "*:tcp/80");
  list.sent(seconds(3), kPeer, tcp(22, 5000, kAck));  // this machine has not noticed
  CHECK_FALSE(list.allows(seconds(3), kPeer, {}, tcp(5000, 22, kAck)));
  CHECK_FALSE(list.allows(seconds(3), kPeer, {}, tcp(5000, 22, kSyn)));
  CHECK(list.allows(seconds(3), kPeer, {}, tcp(443, 6000, kAck)));
  set_rules(list, "*:tcp/22");
  CHECK(list.allows(seconds(4), kPeer, {}, tcp(5000, 22, kAck)));
}

TEST_CASE("what a rule let in over UDP ends with its rule, and what was begun here goes on") {
  AccessList list = list_of({"*:udp/53"});
  REQUIRE(list.allows(seconds(1), kPeer, {}, packet(17, 5000, 53)));
  list.sent(seconds(1), kPeer, packet(17, 53, 5000));
  list.sent(seconds(1), kPeer, packet(17, 6000, 123));
  set_rules(list, "*:udp/80");
  list.sent(seconds(2), kPeer, packet(17, 53, 5000));
  CHECK_FALSE(list.allows(seconds(2), kPeer, {}, packet(17, 5000, 53)));
  CHECK(list.allows(seconds(2), kPeer, {}, packet(17, 123, 6000)));
}

TEST_CASE("a flow that was begun here lets in no new connection and no ping") {
  AccessList list = list_of({"nobody"});
  list.sent(seconds(1), kPeer, tcp(5000, 80, kSyn));
  CHECK(list.allows(seconds(1), kPeer, {}, tcp(80, 5000, kSyn | kAck)));
  CHECK_FALSE(list.allows(seconds(1), kPeer, {}, tcp(80, 5000, kSyn)));
  auto ping = packet(1, 0x0800, 0);
  list.sent(seconds(1), kPeer, ping);
  CHECK_FALSE(list.allows(seconds(1), kPeer, {}, ping));
  ping[kEthernet + 20] = 0;  // its answer
  CHECK(list.allows(seconds(1), kPeer, {}, ping));
}

TEST_CASE("who begins anew between the same ports has begun it") {
  AccessList list = list_of({"*:tcp/22"});
  REQUIRE(list.allows(seconds(1), kPeer, {}, tcp(5000, 22, kSyn)));
  list.sent(seconds(2), kPeer, tcp(22, 5000, kSyn));
  set_rules(list, "nobody");
  CHECK(list.allows(seconds(3), kPeer, {}, tcp(5000, 22, kAck)));
}

TEST_CASE("no number of flows that a rule lets in takes away what was begun here") {
  AccessList list = list_of({"*:tcp/22"});
  list.sent(seconds(1), kPeer, packet(17, 5000, 53));
  for (std::uint32_t number = 0; number < 140'000; ++number) {
    const NodeId peer{static_cast<std::uint8_t>(2 + number / 60'000)};
    const auto port = static_cast<std::uint16_t>(number % 60'000);
    REQUIRE(list.allows(seconds(2), peer, {}, tcp(port, 22, kSyn)));
  }
  CHECK(list.allows(seconds(3), kPeer, {}, packet(17, 53, 5000)));
}

}  // namespace marvel::vpn
