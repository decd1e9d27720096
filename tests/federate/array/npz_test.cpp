#include "federate/array/npz.hpp"

#include "support/temp_dir.hpp"

#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/resource.h>

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

// Python's zipfile with force_zip64, a ZIP64_LIMIT of 10 and a ZIP_FILECOUNT_LIMIT of 0:
// arr_0 = float32 [1.5, 2] stored, arr_1 = float32 [3] deflated.
std::string python_zip64() {
  const std::string_view hex =
      "504b03042d000000000000002100f6c0f3e8ffffffffffffffff090014006172725f302e6e70790100100088"
      "000000000000008800000000000000934e554d5059010076007b276465736372273a20273c6634272c202766"
      "6f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028322c292c207d202020202020"
      "2020202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
      "202020202020202020200a0000c03f00000040504b03042d000000080000002100b28d1778ffffffffffffff"
      "ff090014006172725f312e6e707901001000840000000000000048000000000000009bec17ea1b10c9c850c6"
      "50ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a4"
      "02f91a863a9a3a0ab50a14002e0606070700504b01022d032d000000000000002100f6c0f3e8ffffffffffff"
      "ffff0900140000000000000000008001000000006172725f302e6e7079010010008800000000000000880000"
      "0000000000504b01022d032d000000080000002100b28d1778ffffffffffffffff09001c0000000000000000"
      "008001ffffffff6172725f312e6e70790100180084000000000000004800000000000000c300000000000000"
      "504b06062c000000000000002d002d000000000000000000020000000000000002000000000000009e000000"
      "000000004601000000000000504b060700000000e40100000000000001000000504b05060000000002000200"
      "9e000000460100000000";
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
  }
  return bytes;
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

TEST_CASE("an archive whose numbers stand in Zip64 records is read") {
  const std::string bytes = python_zip64();
  const auto model = decode_npz(bytes, "python");
  REQUIRE(model.has_value());
  REQUIRE(model->size() == 2);
  CHECK((*model)[0].at(0) == 1.5);
  CHECK((*model)[0].at(1) == 2);
  CHECK((*model)[1].at(0) == 3);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    const auto again = decode_npz(changed, "flipped");
    CHECK((!again || (*again)[1].at(0) == 3));
  }
}

TEST_CASE("what cannot be written leaves the file as it was") {
  const test::TempDir dir;
  REQUIRE(save_npz(dir / "m.npz", eleven()).has_value());
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = before;
  tight.rlim_cur = 2;
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = save_npz(dir / "m.npz", {eleven()[3]});
  ::setrlimit(RLIMIT_FSIZE, &before);
  (void)std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::kUnavailable);
  CHECK(load_npz(dir / "m.npz")->size() == 11);
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
}

TEST_CASE("a missing file is told by name") {
  const auto model = load_npz("none.npz");
  REQUIRE_FALSE(model.has_value());
  CHECK(model.error().message.find("none.npz") != std::string::npos);
}

}  // namespace marvel::federate
