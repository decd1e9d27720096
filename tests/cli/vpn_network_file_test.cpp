#include "cli/vpn_network_file.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <thread>

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

constexpr const char* kOne =
    R"({"schema":"marvel.network/1","links":[{"from":"a","to":"b","latency_ms":5.0,)"
    R"("bandwidth_mbit_per_s":20.0,"loss":0.0,"path":"direct"}]})";

}  // namespace

TEST_CASE("a link that was measured again takes the place of the old one, all else stays") {
  const std::string old =
      R"({"schema":"marvel.network/1","sites":{"a":"edge"},"links":[)"
      R"({"from":"b","to":"a","latency_ms":1.0},{"from":"a","to":"b","latency_ms":9.0,"note":"x"}]})";
  const auto merged = merge_network(old, "net.json", kOne);
  REQUIRE(merged);
  CHECK(
      *merged ==
      R"({"schema":"marvel.network/1","sites":{"a":"edge"},"links":[)"
      R"({"from":"b","to":"a","latency_ms":1.0},{"from":"a","to":"b","latency_ms":5.0,"note":"x",)"
      R"("bandwidth_mbit_per_s":20.0,"loss":0.0,"path":"direct"}]})");
  CHECK(*merge_network("", "net.json", kOne) == kOne);
}

TEST_CASE("what is no network document is refused by the name of its file") {
  for (const char* const text :
       {"x", "[]", "{}", R"({"schema":"marvel.network/2","links":[]})",
        R"({"schema":"marvel.network/1"})", R"({"schema":"marvel.network/1","links":[1]})",
        R"({"schema":"marvel.network/1","links":[{"from":"a"}]})"}) {
    CAPTURE(text);
    const auto merged = merge_network(text, "net.json", kOne);
    REQUIRE_FALSE(merged);
    CHECK(merged.error().code == Errc::kInput);
    CHECK(merged.error().message.find("net.json") != std::string::npos);
  }
}

TEST_CASE("a link without figures is a no") {
  CHECK(network_answer(kOne)->exit_code == 0);
  const auto none = network_answer(
      R"({"schema":"marvel.network/1","links":[{"from":"a","to":"b","latency_ms":null}]})");
  REQUIRE(none);
  CHECK(none->exit_code == 1);
  CHECK(none->text.find("-") != std::string::npos);
}

TEST_CASE("links that several nodes bring at one time are all there at the end") {
  const ::marvel::test::TempDir folder;
  const std::string file = (folder.path() / "net.json").string();
  constexpr int kEach = 20;
  const auto bring = [&file](const std::string& from) {
    for (int to = 0; to < kEach; ++to) {
      const std::string link = R"({"from":")" + from + R"(","to":")" + std::to_string(to) + R"("})";
      merge_network_file(file, R"({"schema":"marvel.network/1","links":[)" + link + "]}");
    }
  };
  std::thread other([&bring] { bring("b"); });
  bring("a");
  other.join();
  const auto text = read_file(file);
  REQUIRE(text);
  std::size_t links = 0;
  for (std::size_t at = 0; (at = text->find("\"from\"", at)) != std::string::npos; ++at) {
    ++links;
  }
  CHECK(links == 2 * kEach);
}

TEST_CASE("a file is looked at before it is measured, and one of another kind stays as it was") {
  const ::marvel::test::TempDir folder;
  const std::string file = (folder.path() / "net.json").string();
  CHECK(check_network_file(file));
  REQUIRE(merge_network_file(file, kOne));
  CHECK(check_network_file(file));
  REQUIRE(write_file_atomically(file, "notes\n"));
  CHECK_FALSE(check_network_file(file));
  CHECK_FALSE(merge_network_file(file, kOne));
  CHECK(read_file(file) == "notes\n");
}

}  // namespace marvel::cli
