#include "federate/client/kept_pixels.hpp"

#include <cstring>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

wire::Config config_of(const std::vector<std::int32_t>& pixels) {
  wire::Blob blob;
  blob.bytes.resize(pixels.size() * sizeof(std::int32_t));
  std::memcpy(blob.bytes.data(), pixels.data(), blob.bytes.size());
  return {{"marvel.dynhp.pixels", blob}};
}

}  // namespace

TEST_CASE("the inputs that are left are all, or those that the server names") {
  CHECK(*kept_pixels({}, 3, 3) == std::vector<std::int32_t>{0, 1, 2});
  CHECK(*kept_pixels(config_of({0, 2, 7}), 3, 8) == std::vector<std::int32_t>{0, 2, 7});
  CHECK(kept_pixels({{"marvel.dynhp.pixels", wire::Blob{}}}, 0, 8)->empty());
}

TEST_CASE("inputs that do not ascend, do not exist, or are too few are refused") {
  CHECK_FALSE(kept_pixels({}, 2, 3).has_value());
  for (const auto& bad :
       {std::vector<std::int32_t>{2, 1}, {1, 1}, {-1, 1}, {1, 8}, {1}, {1, 2, 3}}) {
    CHECK(kept_pixels(config_of(bad), 2, 8).error().code == Errc::kInput);
  }
  CHECK_FALSE(kept_pixels({{"marvel.dynhp.pixels", 1.0}}, 2, 8).has_value());
}

}  // namespace marvel::federate
