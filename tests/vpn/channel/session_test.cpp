#include "vpn/channel/session.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

struct Pair {
  TransportKeys keys{make_identity(1).secret, make_identity(2).secret};
  Session a{{1, 2, Suite::kChaCha20Poly1305, true, seconds(10)}, keys};
  Session b{{2, 1, Suite::kChaCha20Poly1305, false, seconds(10)}, keys};

  static std::vector<std::uint8_t> packet(std::string_view text) {
    std::vector<std::uint8_t> bytes(kHeaderSize + text.size() + kTagSize);
    std::copy(text.begin(), text.end(), bytes.begin() + kHeaderSize);
    return bytes;
  }
};

}  // namespace

TEST_CASE("what one side seals the other opens once") {
  Pair pair;
  auto bytes = Pair::packet("hello");
  REQUIRE(pair.a.seal(seconds(11), {}, bytes));
  CHECK(read_sealed_header(bytes).index == 2);
  auto again = bytes;
  CHECK(pair.b.open(seconds(11), bytes) == Session::Verdict::kFresh);
  CHECK(text_of(Bytes(bytes).subspan(kHeaderSize, 5)) == "hello");
  CHECK(pair.b.open(seconds(11), again) == Session::Verdict::kReplayed);
}

TEST_CASE("a changed header or text is forged and does not count as seen") {
  Pair pair;
  auto bytes = Pair::packet("hello");
  REQUIRE(pair.a.seal(seconds(11), {}, bytes));
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] ^= 1;
    CHECK(pair.b.open(seconds(11), changed) == Session::Verdict::kForged);
  }
  CHECK(pair.b.open(seconds(11), bytes) == Session::Verdict::kFresh);
}

TEST_CASE("a session grows old, and then carries nothing") {
  Pair pair;
  CHECK_FALSE(pair.a.is_old(seconds(129)));
  CHECK(pair.a.is_old(seconds(130)));
  CHECK_FALSE(pair.b.is_old(seconds(144)));
  CHECK(pair.b.is_old(seconds(145)));
  auto bytes = Pair::packet("x");
  REQUIRE(pair.a.seal(seconds(189), {}, bytes));
  CHECK(pair.b.open(seconds(190), bytes) == Session::Verdict::kExpired);
  CHECK_FALSE(pair.a.seal(seconds(190), {}, bytes));
}

TEST_CASE("the keys of hops are equal crosswise and differ from each other") {
  const Pair pair;
  CHECK(pair.a.hop_send() == pair.b.hop_receive());
  CHECK(pair.a.hop_receive() == pair.b.hop_send());
  CHECK(pair.a.hop_send() != pair.a.hop_receive());
}

}  // namespace marvel::vpn
