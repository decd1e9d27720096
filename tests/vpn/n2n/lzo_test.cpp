#include "vpn/n2n/lzo.hpp"

#include "vpn/support.hpp"

#include <algorithm>
#include <array>
#include <dlfcn.h>

namespace marvel::vpn::n2n {
namespace {

constexpr std::size_t kMost = 2048;

std::optional<std::vector<std::uint8_t>> unpacked(Bytes packed, std::size_t most = kMost) {
  std::vector<std::uint8_t> room(most);
  const auto size = unpack_lzo(packed, room);
  if (!size) {
    return std::nullopt;
  }
  REQUIRE(*size <= most);
  room.resize(*size);
  return room;
}

std::optional<std::vector<std::uint8_t>> unpacked(std::string_view packed) {
  return unpacked(unhexed(packed));
}

// n2n's own vector: 0 to 15, 32 times.
constexpr std::string_view kPacked =
    "0d000102030405060708090a0b0c0d0e0f2000bc3c0000020c0d0e0f"
    "000102030405060708090a0b0c0d0e0f110000";

TEST_CASE("lzo: a frame that n2n packed") {
  const auto frame = unpacked(kPacked);
  REQUIRE(frame);
  REQUIRE(frame->size() == 512);
  for (std::size_t at = 0; at < frame->size(); ++at) {
    CHECK((*frame)[at] == at % 16);
  }
}

TEST_CASE("lzo: what is cut, goes on behind its end or needs more room is refused") {
  auto packed = unhexed(kPacked);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CHECK_FALSE(unpacked(Bytes(packed).first(size)));
  }
  CHECK_FALSE(unpacked(packed, 511));
  CHECK(unpacked(packed, 512));
  packed.push_back(0);
  CHECK_FALSE(unpacked(packed));
}

TEST_CASE("lzo: every instruction") {
  using List = std::vector<std::uint8_t>;
  CHECK(unpacked("110000") == List{});
  // A run of 1 at the start, then the match of two bytes that only follows such a run.
  CHECK(unpacked("12aa0000110000") == List{0xaa, 0xaa, 0xaa});
  // A run of 4 at the start, a match of three bytes 1 back, one literal behind it.
  CHECK(unpacked("15010203044100ff110000") == List{1, 2, 3, 4, 4, 4, 4, 0xff});
  // Matches of 4 one back, and of 8 two back.
  CHECK(unpacked("15010203046000110000") == List{1, 2, 3, 4, 4, 4, 4, 4});
  CHECK(unpacked("1501020304e400110000") == List{1, 2, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4});
  // 001LLLLL with 3, a distance of 4 in two bytes, and two literals.
  CHECK(unpacked("1501020304210e000708110000") == List{1, 2, 3, 4, 1, 2, 3, 7, 8});
}

TEST_CASE("lzo: matches before the start and impossible ends are refused") {
  CHECK_FALSE(unpacked("4000110000"));            // nothing is there yet
  CHECK_FALSE(unpacked("12aa4400110000"));        // two back, one is there
  CHECK_FALSE(unpacked("15010203040000110000"));  // 0x801 back
  CHECK_FALSE(unpacked("120000"));                // the end has a length of 3
  CHECK_FALSE(unpacked("20" + std::string(400, '0')));
}

// The library itself, where it is: marvel is neither built nor linked with it.
class Library {
 public:
  using Pack = int (*)(const std::uint8_t*, unsigned long, std::uint8_t*, unsigned long*, void*);
  Library() : handle_(::dlopen("liblzo2.so.2", RTLD_NOW | RTLD_LOCAL)) {}
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (handle_ != nullptr) {
      ::dlclose(handle_);
    }
  }
  explicit operator bool() const { return handle_ != nullptr; }

  std::vector<std::uint8_t> pack(const char* function, Bytes clear) {
    const auto call = reinterpret_cast<Pack>(::dlsym(handle_, function));
    REQUIRE((call != nullptr));
    std::vector<std::uint8_t> packed(clear.size() + clear.size() / 16 + 67);
    unsigned long size = packed.size();
    REQUIRE(call(clear.data(), clear.size(), packed.data(), &size, memory_.data()) == 0);
    packed.resize(size);
    return packed;
  }

 private:
  void* handle_;
  std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(1U << 19U);  // lzo1x_999 needs most
};

// Bytes with repetitions near and far, as frames have them.
std::vector<std::uint8_t> some_text(CounterRng& rng, std::size_t size) {
  std::vector<std::uint8_t> text;
  const std::uint64_t letters = 1 + rng.next() % 256;
  while (text.size() < size) {
    const std::size_t run = 1 + rng.next() % (rng.next() % 8 == 0 ? 2000 : 20);
    const std::size_t back = text.empty() ? 0 : 1 + rng.next() % text.size();
    for (std::size_t i = 0; i < run && text.size() < size; ++i) {
      text.push_back(back != 0 && letters % 2 == 0
                         ? text[text.size() - back]
                         : static_cast<std::uint8_t>(rng.next() % letters));
    }
  }
  return text;
}

TEST_CASE("lzo: what the library packs comes back, and what is damaged does no harm") {
  Library library;
  if (!library) {
    MESSAGE("SKIPPED: liblzo2.so.2 is not installed (package liblzo2-2)");
    return;
  }
  for (std::uint64_t seed = 0; seed < seeds(300); ++seed) {
    CAPTURE(seed);
    CounterRng rng(seed);
    const auto clear = some_text(rng, 1 + rng.next() % (seed % 10 == 0 ? 200000 : kMost));
    for (const char* const function : {"lzo1x_1_compress", "lzo1x_999_compress"}) {
      auto packed = library.pack(function, clear);
      CHECK(unpacked(packed, clear.size()) == clear);
      packed[rng.next() % packed.size()] ^= static_cast<std::uint8_t>(1 + rng.next() % 255);
      const auto other = unpacked(packed, clear.size());
      CHECK((!other || other->size() <= clear.size()));
    }
  }
}

}  // namespace
}  // namespace marvel::vpn::n2n
