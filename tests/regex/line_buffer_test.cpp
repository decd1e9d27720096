#include "regex/line_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

constexpr std::size_t kLarge = LineBuffer::kInMemory * 3;

void fill(LineBuffer& buffer, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    buffer.data()[i] = static_cast<char>(i % 251);
  }
}

bool is_filled(const LineBuffer& buffer, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (buffer.data()[i] != static_cast<char>(i % 251)) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("bytes stay when a buffer grows, in memory, into a file and in it") {
  LineBuffer buffer;
  std::size_t before = 0;
  for (const std::size_t size : {std::size_t{100}, LineBuffer::kInMemory, kLarge, kLarge * 2}) {
    REQUIRE(buffer.grow(size));
    CHECK(buffer.size() >= size);
    CHECK(is_filled(buffer, before));
    fill(buffer, size);
    before = size;
  }
}

TEST_CASE("a buffer that moves takes its bytes along") {
  LineBuffer buffer;
  REQUIRE(buffer.grow(kLarge));
  fill(buffer, kLarge);
  LineBuffer other(std::move(buffer));
  CHECK(is_filled(other, kLarge));
  LineBuffer third;
  REQUIRE(third.grow(10));
  third = std::move(other);
  CHECK(is_filled(third, kLarge));
}

TEST_CASE("a small begin gives the file back") {
  LineBuffer buffer;
  REQUIRE(buffer.grow(kLarge));
  REQUIRE(buffer.begin(1'000));
  CHECK(buffer.size() < kLarge);
  REQUIRE(buffer.begin(LineBuffer::kInMemory));
  CHECK(buffer.size() == LineBuffer::kInMemory);
}

TEST_CASE("without a folder for the file the bytes stay where they are") {
  LineBuffer buffer;
  REQUIRE(buffer.grow(1'000));
  fill(buffer, 1'000);
  ::setenv("TMPDIR", "/proc/self", 1);  // a folder in which nobody can make a file
  const auto grown = buffer.grow(kLarge);
  ::unsetenv("TMPDIR");
  REQUIRE(!grown);
  CHECK(grown.error().code == Errc::kUnavailable);
  CHECK(grown.error().message.find("/proc/self") != std::string::npos);
  CHECK(buffer.size() == 1'000);
  CHECK(is_filled(buffer, 1'000));
}

}  // namespace marvel::regex
