#include "vpn/crypto/wide_gcm.hpp"

#include "vpn/crypto/data_cipher.hpp"
#include "vpn/support.hpp"

#include <string>
#include <utility>
#include <vector>

namespace marvel::vpn {
namespace {

using Direction = DataCipher::Direction;

// OpenSSL judges.
DataCipher judge(const Secret& key, Direction direction) {
  return {Suite::kAes256Gcm, key, direction, false};
}

// A message of random size, in half of the cases around the sizes of pieces and blocks.
struct Message {
  explicit Message(std::uint64_t seed) : random(seed), key(random_secret(random)) {
    CounterRng& rng = random.rng();
    const std::size_t near = std::size_t{16} * rng.below(100) + rng.below(3);
    const std::size_t size = seed % 2 == 0 ? rng.below(1600) : near;
    counter = seed % 3 == 0 ? rng.next() : seed;
    associated.resize(rng.below(WideGcm::kMostAssociated + 1));
    sealed.resize(size + 16);
    random.fill(associated);
    random.fill(sealed);
  }
  [[nodiscard]] MutableBytes text() { return MutableBytes(sealed).first(sealed.size() - 16); }

  SeededRandom random;
  Secret key;
  std::uint64_t counter = 0;
  std::vector<std::uint8_t> associated;
  std::vector<std::uint8_t> sealed;  // text, and room for the tag
};

// The widths that this CPU has. No width is tested where it has none; that is said.
std::vector<WideGcm::Width> widths() {
  std::vector<WideGcm::Width> here;
  for (const auto width : {WideGcm::Width::kTwo, WideGcm::Width::kFour}) {
    if (WideGcm::works_here(width)) {
      here.push_back(width);
    } else {
      const std::string lacks = width == WideGcm::Width::kTwo ? "AVX2" : "AVX-512";
      MESSAGE("not tested: this CPU lacks VAES, VPCLMULQDQ or " << lacks);
    }
  }
  return here;
}

// Each width with each number from 0 to count - 1.
std::vector<std::pair<WideGcm::Width, std::uint64_t>> each_width(std::uint64_t count) {
  std::vector<std::pair<WideGcm::Width, std::uint64_t>> all;
  for (const auto width : widths()) {
    for (std::uint64_t number = 0; number < count; ++number) {
      all.emplace_back(width, number);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("the wide cipher and OpenSSL seal to the same bytes and open each other's") {
  for (const auto& [width, seed] : each_width(seeds(3000))) {
    CAPTURE(seed);
    Message message(seed);
    const WideGcm wide(message.key, width);
    const std::vector<std::uint8_t> text(message.text().begin(), message.text().end());
    auto expected = message.sealed;
    judge(message.key, Direction::kSeal)
        .seal(message.counter, message.associated, MutableBytes(expected).first(text.size()));
    wide.seal(message.counter, message.associated, message.text());
    REQUIRE(message.sealed == expected);
    REQUIRE(wide.open(message.counter, message.associated, expected));
    REQUIRE(std::equal(text.begin(), text.end(), expected.begin()));
    REQUIRE(judge(message.key, Direction::kOpen)
                .open(message.counter, message.associated, message.sealed));
  }
}

TEST_CASE("the wide cipher opens nothing of which one bit was changed") {
  for (const auto& [width, seed] : each_width(seeds(1000))) {
    CAPTURE(seed);
    Message message(seed);
    const WideGcm wide(message.key, width);
    wide.seal(message.counter, message.associated, message.text());
    CounterRng& rng = message.random.rng();
    auto changed = message.sealed;
    changed[rng.below(static_cast<std::uint32_t>(changed.size()))] ^=
        static_cast<std::uint8_t>(1U << rng.below(8));
    CHECK_FALSE(wide.open(message.counter, message.associated, changed));
    changed = message.sealed;
    CHECK_FALSE(wide.open(message.counter + 1, message.associated, changed));
    if (!message.associated.empty()) {
      message.associated.back() ^= 1U;
      CHECK_FALSE(wide.open(message.counter, message.associated, message.sealed));
    }
  }
}

TEST_CASE("the wide cipher touches nothing beside text and tag") {
  for (const auto& [width, size] : each_width(600)) {
    CAPTURE(size);
    std::vector<std::uint8_t> bytes(size + 16 + 128, 0xa5);
    const WideGcm wide(Secret(), width);
    wide.seal(1, {}, MutableBytes(bytes).subspan(64, size));
    REQUIRE(wide.open(1, {}, MutableBytes(bytes).subspan(64, size + 16)));
    const std::vector<std::uint8_t> around(64, 0xa5);
    CHECK(std::equal(around.begin(), around.end(), bytes.begin()));
    CHECK(std::equal(around.begin(), around.end(), bytes.end() - 64));
  }
}

TEST_CASE("all widths seal to the same bytes, however long the text") {
  const Secret key = make_identity(5).secret;
  for (std::size_t size = 0; widths().size() == 2 && size < 1100; size += 7) {
    CAPTURE(size);
    std::vector<std::uint8_t> two(size + 16, 0x3c);
    std::vector<std::uint8_t> four = two;
    WideGcm(key, WideGcm::Width::kTwo).seal(9, {}, MutableBytes(two).first(size));
    WideGcm(key, WideGcm::Width::kFour).seal(9, {}, MutableBytes(four).first(size));
    REQUIRE(two == four);
  }
}

TEST_CASE("the wide cipher refuses what is shorter than a tag") {
  std::vector<std::uint8_t> bytes(15);
  for (const auto width : widths()) {
    CHECK_FALSE(WideGcm(Secret(), width).open(0, {}, bytes));
  }
}

}  // namespace marvel::vpn
