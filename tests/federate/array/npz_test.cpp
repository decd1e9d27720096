#include "federate/array/npz.hpp"

#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

Model eleven() {
  Model model;
  for (int i = 0; i < 11; ++i) {
    model.push_back({Dtype::kFloat64, {1}, std::vector<double>{static_cast<double>(i)}});
  }
  return model;
}

}  // namespace

TEST_CASE("a model is saved and loaded in the order of its numbers") {
  const test::TempDir dir;
  REQUIRE(save_npz(dir / "m.npz", eleven()).has_value());
  const auto back = load_npz(dir / "m.npz");
  REQUIRE(back.has_value());
  REQUIRE(back->size() == 11);
  for (std::size_t i = 0; i < 11; ++i) {
    CHECK((*back)[i].at(0) == static_cast<double>(i));
  }
}

TEST_CASE("no cut and no flipped byte of an archive crashes or passes unseen") {
  const auto bytes = encode_npz({eleven()[3], eleven()[4]});
  REQUIRE(bytes.has_value());
  for (std::size_t length = 0; length < bytes->size(); ++length) {
    CHECK_FALSE(decode_npz(bytes->substr(0, length), "cut").has_value());
  }
  for (std::size_t at = 0; at < bytes->size(); ++at) {
    std::string changed = *bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const auto model = decode_npz(changed, "flipped");
    if (model) {  // a date, a comment's length: nothing that carries the model
      CHECK((*model)[0].at(0) == 3);
    }
  }
}

TEST_CASE("a missing file is told by name") {
  const auto model = load_npz("none.npz");
  REQUIRE_FALSE(model.has_value());
  CHECK(model.error().message.find("none.npz") != std::string::npos);
}

}  // namespace marvel::federate
