#include "model/batch_source.hpp"

#include <numeric>
#include <set>

#include <doctest/doctest.h>

namespace marvel::model {
namespace {

// Two 3x4 images; pixel (r, c) of image n is 100 n + 10 r + c.
data::ImageSet two_images() {
  data::ImageSet set;
  set.rows = 3;
  set.columns = 4;
  set.labels = {7, 8};
  for (int n = 0; n < 2; ++n) {
    for (int r = 0; r < 3; ++r) {
      for (int c = 0; c < 4; ++c) {
        set.pixels.push_back(static_cast<std::uint8_t>(100 * n + 10 * r + c));
      }
    }
  }
  return set;
}

// The image as whole numbers again.
std::vector<int> shown(const BatchSource& source, std::uint32_t sample, int variant) {
  std::vector<float> out(source.width());
  const std::vector<float> ones(source.width(), 1.0F);
  source.fill(sample, variant, ones.data(), out.data());
  return {out.begin(), out.end()};
}

const std::vector<std::uint32_t> kBoth{0, 1};

}  // namespace

TEST_CASE("the plain variant shows the image as it is") {
  for (const Augmentation& changes : {Augmentation{0, false}, Augmentation{1, true}}) {
    const BatchSource source(two_images(), kBoth, changes);
    CHECK(shown(source, 0, source.plain_variant()) ==
          std::vector<int>{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23});
    CHECK(source.label(1) == 8);
  }
}

TEST_CASE("variants are all shifts, with and without mirroring, and no two are alike") {
  const BatchSource source(two_images(), kBoth, {1, true});
  REQUIRE(source.augmentation().variants() == 18);
  std::set<std::vector<int>> seen;
  for (int variant = 0; variant < 18; ++variant) {
    seen.insert(shown(source, 1, variant));
  }
  CHECK(seen.size() == 18);
  // One step towards the end of rows and columns: the image moves up and left.
  CHECK(shown(source, 1, 8) == std::vector<int>{111, 112, 113, 0, 121, 122, 123, 0, 0, 0, 0, 0});
  // The mirrored plain image.
  CHECK(shown(source, 1, 9 + 4) ==
        std::vector<int>{103, 102, 101, 100, 113, 112, 111, 110, 123, 122, 121, 120});
}

TEST_CASE("only kept pixels are delivered, scaled by their gates") {
  BatchSource source(two_images(), kBoth, {1, false});
  source.keep_inputs({1, 6, 11});
  REQUIRE(source.width() == 3);
  std::vector<float> out(3);
  const std::vector<float> gates{1.0F, 0.5F, 0.0F};
  source.fill(1, source.plain_variant(), gates.data(), out.data());
  CHECK(out == std::vector<float>{101.0F, 56.0F, 0.0F});
}

TEST_CASE("the variant of a sample is fixed by the key") {
  const BatchSource source(two_images(), kBoth, {1, false});
  CHECK(source.variant(5, 1) == source.variant(5, 1));
  std::set<int> seen;
  for (std::uint64_t key = 0; key < 200; ++key) {
    seen.insert(source.variant(key, 0));
  }
  CHECK(seen.size() == 9);
}

TEST_CASE("a subset keeps its own numbering") {
  const std::vector<std::uint32_t> second{1};
  const BatchSource source(two_images(), second, {0, false});
  CHECK(source.size() == 1);
  CHECK(source.label(0) == 8);
  CHECK(shown(source, 0, 0)[0] == 100);
}

TEST_CASE("in the Haar basis a variant shows the coefficients of the changed image") {
  data::ImageSet set;
  set.rows = 4;
  set.columns = 8;
  set.labels = {1};
  for (int i = 0; i < 32; ++i) {
    set.pixels.push_back(static_cast<std::uint8_t>(i * i % 251));
  }
  const std::vector<std::uint32_t> one{0};
  BatchSource source(set, one, {1, true}, InputBasis::kHaar);
  const BatchSource pixels(set, one, {1, true});
  const HaarTransform transform(4, 8);
  const std::vector<std::int32_t> kept{0, 3, 9, 30};
  source.keep_inputs(kept);
  const std::vector<float> gates{1.0F, 0.5F, 2.0F, 4.0F};
  for (int variant = 0; variant < source.augmentation().variants(); ++variant) {
    std::vector<std::uint8_t> changed;
    for (const int value : shown(pixels, 0, variant)) {
      changed.push_back(static_cast<std::uint8_t>(value));
    }
    std::vector<float> sums(transform.buffer_size());
    transform.apply(changed.data(), 8, sums.data());
    std::vector<float> got(kept.size());
    source.fill(0, variant, gates.data(), got.data());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const auto& place = transform.place(kept[i]);
      CHECK(got[i] == sums[static_cast<std::size_t>(place.index)] * place.factor * gates[i]);
    }
  }
}

}  // namespace marvel::model
