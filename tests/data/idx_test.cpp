#include "data/idx.hpp"

#include "data/idx_builder.hpp"

#include <doctest/doctest.h>

namespace marvel::data {

using test::gzip;
using test::idx_bytes;

namespace {

std::string sample() {
  return idx_bytes({3, 2, 2}, [](std::size_t i) { return i * 20; });
}

void check_sample(const Result<IdxArray>& array) {
  REQUIRE(array.has_value());
  CHECK(array->shape == std::vector<std::uint32_t>{3, 2, 2});
  REQUIRE(array->values.size() == 12);
  CHECK(array->values[0] == 0);
  CHECK(array->values[11] == 220);
}

}  // namespace

TEST_CASE("an IDX array is read, plain or gzip'd") {
  check_sample(parse_idx(sample(), "x"));
  check_sample(parse_idx(gzip(sample()), "x"));
}

TEST_CASE("every prefix of an IDX file is refused") {
  for (const std::string& whole : {sample(), gzip(sample())}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto array = parse_idx(std::string_view(whole).substr(0, length), "cut");
      // The last 8 bytes of gzip are checksum and length; without them the data is unproven.
      CAPTURE(length);
      CHECK_FALSE(array.has_value());
    }
  }
}

TEST_CASE("bytes after the announced ones are refused") {
  CHECK_FALSE(parse_idx(sample() + "x", "long").has_value());
}

TEST_CASE("a damaged gzip stream is refused") {
  auto bytes = gzip(sample());
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);  // the checksum
  const auto array = parse_idx(bytes, "bad.gz");
  REQUIRE_FALSE(array.has_value());
  CHECK(array.error().code == Errc::kInput);
}

TEST_CASE("wrong magic is named") {
  auto bytes = sample();
  bytes[2] = '\x0d';
  const auto array = parse_idx(bytes, "images");
  REQUIRE_FALSE(array.has_value());
  CHECK(array.error().message ==
        "'images' is not a usable IDX file: wrong magic 00000d03, expected 0000080N");
}

TEST_CASE("an array of another number of dimensions is told by its magic, not by its length") {
  auto bytes = sample();  // {3, 2, 2}
  CHECK(parse_idx(bytes, "images", 3).has_value());
  const auto labels = parse_idx(bytes, "labels", 1);
  REQUIRE_FALSE(labels.has_value());
  CHECK(labels.error().message ==
        "'labels' is not a usable IDX file: wrong magic 00000803, expected 00000801");
  bytes[3] = '\x04';
  CHECK(parse_idx(bytes, "images", 3).error().message ==
        "'images' is not a usable IDX file: wrong magic 00000804, expected 00000803");
}

TEST_CASE("a header that lies about its size costs no memory") {
  auto bytes = sample();
  bytes[4] = '\x7f';  // two thousand million images
  CHECK_FALSE(parse_idx(bytes, "lie").has_value());
  bytes = idx_bytes({0, 2}, [](std::size_t) { return 0; });
  CHECK_FALSE(parse_idx(bytes, "none").has_value());
}

}  // namespace marvel::data
