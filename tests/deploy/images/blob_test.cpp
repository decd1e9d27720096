#include "deploy/images/blob.hpp"

#include "net/sha256.hpp"

#include <array>
#include <string>
#include <zlib.h>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

std::string read_all(const Blob& blob, std::size_t room) {
  BlobReader reader(blob);
  std::string all;
  std::string buffer(room, '\0');
  for (auto count = reader.read(buffer.data(), room); count && *count > 0;
       count = reader.read(buffer.data(), room)) {
    all.append(buffer, 0, *count);
  }
  return all;
}

std::string unpacked(std::string bytes, std::size_t size) {
  std::string text(size + 1, '\0');
  z_stream stream{};
  REQUIRE(::inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  REQUIRE(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
  text.resize(stream.total_out);
  ::inflateEnd(&stream);
  return text;
}

std::string sample(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>((i * i / 7) % 251);
  }
  return text;
}

}  // namespace

TEST_CASE("a part of a file comes as it is, in pieces of any size") {
  const Blob blob{{}, memory_source("xx" + sample(5000) + "yy", "m"), {2, 5000}, false};
  for (const std::size_t room : {1U, 7U, 5000U, 100'000U}) {
    CHECK(read_all(blob, room) == sample(5000));
  }
}

TEST_CASE("packing gives gzip that unpacks to the same, and the same bytes each time") {
  for (const std::size_t size : {0U, 1U, 300'000U, 700'001U}) {
    const Blob blob{{}, memory_source(sample(size), "m"), {0, size}, true};
    const auto packed = read_all(blob, 1000);
    CHECK(packed == read_all(blob, 77'777));
    CHECK(unpacked(packed, size) == sample(size));
    const auto digests = measure_blob(blob, StopFlag());
    REQUIRE(digests.has_value());
    CHECK(digests->size == packed.size());
    CHECK(digests->digest == "sha256:" + *net::sha256_hex(packed));
    CHECK(digests->diff_id == "sha256:" + *net::sha256_hex(sample(size)));
  }
}

TEST_CASE("a gzip file that goes as it is is measured packed and unpacked, also one of several") {
  const std::string one =
      read_all({{}, memory_source(sample(700'001), "m"), {0, 700'001}, true}, 5000);
  const std::string zeros(3'000'000, '\0');
  const std::string two = read_all({{}, memory_source(zeros, "m"), {0, zeros.size()}, true}, 5000);
  const std::string file = one + two;
  const auto digests = measure_gzip({{}, memory_source(file, "m"), {0, file.size()}, false}, {});
  REQUIRE(digests.has_value());
  CHECK(digests->size == file.size());
  CHECK(digests->digest == "sha256:" + *net::sha256_hex(file));
  CHECK(digests->diff_id == "sha256:" + *net::sha256_hex(sample(700'001) + zeros));
}

TEST_CASE("a gzip file that is cut off or damaged is refused") {
  const std::string file = read_all({{}, memory_source(sample(3000), "m"), {0, 3000}, true}, 5000);
  for (std::size_t size = 0; size < file.size(); size += 7) {
    const Blob cut{{}, memory_source(file, "m"), {0, size}, false};
    REQUIRE_FALSE(measure_gzip(cut, StopFlag()).has_value());
  }
  for (const std::string& odd : {file + "rest", "x" + file}) {
    const Blob blob{{}, memory_source(odd, "m"), {0, odd.size()}, false};
    CHECK(measure_gzip(blob, StopFlag()).error().code == Errc::kInput);
  }
}

TEST_CASE("a stop ends the measuring, and a part beyond the file is an error") {
  StopFlag stop;
  stop.raise(2);
  const auto source = memory_source("abc", "m");
  CHECK_FALSE(measure_blob({{}, source, {0, 3}, false}, stop).has_value());
  CHECK_FALSE(measure_blob({{}, source, {1, 3}, false}, StopFlag()).has_value());
}

}  // namespace marvel::deploy::images
