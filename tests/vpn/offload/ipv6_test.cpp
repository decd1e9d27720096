#include "vpn/offload/ipv6.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

// A neighbour solicitation as Linux sends it: fe80::1 asks for fd00::2.
std::vector<std::uint8_t> solicitation() {
  return unhexed(
      "3333ff000002020000000001"
      "86dd6000000000203afffe800000000000000000000000000001ff0200000000000000000001ff000002"
      "87000000"
      "00000000"
      "fd000000000000000000000000000002"
      "0101020000000001");
}

// The same packet with an extension header of 8 bytes in front of what the IPv6 header leads to.
std::vector<std::uint8_t> behind(std::vector<std::uint8_t> frame, std::uint8_t header) {
  const std::uint8_t next = frame[20];
  frame[20] = header;
  frame.insert(frame.begin() + 54, 8, 0);
  frame[54] = next;
  return frame;
}

}  // namespace

TEST_CASE("a question for a neighbour is read, and nothing that only looks like one") {
  auto frame = solicitation();
  const auto question = read_neighbour_question(frame);
  REQUIRE(question);
  CHECK(ipv6_text(question->target) == "fd00::2");
  CHECK(ipv6_text(question->sender) == "fe80::1");
  CHECK(question->sender_mac == Mac{2, 0, 0, 0, 0, 1});
  for (std::size_t size = 0; size < 78; ++size) {
    CHECK_FALSE(read_neighbour_question(Bytes(frame).first(size)));
  }
  for (const std::size_t at : {12U, 14U, 20U, 21U, 54U, 55U}) {
    auto changed = frame;
    changed[at] ^= 0x51;
    CHECK_FALSE(read_neighbour_question(changed));
  }
}

TEST_CASE("the answer goes to who asked, with a right checksum") {
  const Mac mac{2, 0, 0, 0, 0, 9};
  const auto answer = neighbour_answer(*read_neighbour_question(solicitation()), mac);
  CHECK(destination_of(answer) == Mac{2, 0, 0, 0, 0, 1});
  CHECK(source_of(answer) == mac);
  CHECK(ipv6_text(ipv6_source(answer)) == "fd00::2");
  CHECK(ipv6_text(ipv6_destination(answer)) == "fe80::1");
  CHECK(answer[54] == 136);
  CHECK(answer.size() == 14 + 40 + 32);
  // RFC 8200, 8.1: the sum over pseudo header and message is all ones.
  const Bytes all = answer;
  const std::uint64_t sum =
      checksum_add(checksum_add(32 + 58, all.subspan(22, 32)), all.subspan(54));
  CHECK(checksum_fold(sum) == 0xffff);
}

TEST_CASE("a message of neighbour discovery is found behind any headers") {
  auto plain = solicitation();
  for (int type = 0; type < 256; ++type) {
    plain[54] = static_cast<std::uint8_t>(type);
    CHECK(may_be_neighbour_message(plain) == (type >= 133 && type <= 137));
  }
  plain[54] = 136;
  for (const std::uint8_t header : Block<4>{0, 43, 51, 60}) {
    CAPTURE(header);
    const auto hidden = behind(behind(plain, header), 60);
    CHECK(may_be_neighbour_message(hidden));
    CHECK(upper_layer(hidden)->protocol == 58);
    CHECK(upper_layer(hidden)->at == 70);
    CHECK(upper_layer(hidden)->plain == (header != 43));
    // A header that is not all there may hide anything.
    for (std::size_t size = 54; size < 70; ++size) {
      CHECK(may_be_neighbour_message(Bytes(hidden).first(size)));
    }
  }
  plain[20] = 6;
  CHECK_FALSE(may_be_neighbour_message(plain));
  CHECK_FALSE(may_be_neighbour_message(behind(plain, 0)));
}

TEST_CASE("a first fragment is judged by what it begins, and a later one is let be") {
  auto plain = solicitation();
  auto first = behind(plain, 44);
  first[57] = 1;  // more follow
  CHECK(may_be_neighbour_message(first));
  CHECK(may_be_neighbour_message(Bytes(first).first(62)));
  CHECK_FALSE(upper_layer(first)->plain);
  auto later = first;
  store_be16(later.data() + 56, 8);
  CHECK_FALSE(may_be_neighbour_message(later));
  CHECK(upper_layer(later)->protocol == 44);
  plain[54] = 128;  // an echo
  CHECK_FALSE(may_be_neighbour_message(behind(plain, 44)));
}

}  // namespace marvel::vpn
