#include "compress/memory.hpp"

#include <array>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::compress {
namespace {

const std::vector<int> kMlp{784, 300, 100, 10};
constexpr int kPixels = 784;

std::uint64_t cap(std::uint64_t budget, std::uint64_t model) {
  return batch_cap(budget, {model, 784 * 4});
}

}  // namespace

TEST_CASE("the dense network has 1041.4 KiB of parameters") {
  const MemoryUse use = memory_use(MemoryModel::kSeed, kMlp, kPixels);
  CHECK(use.fixed == 1'066'440);
  CHECK(use.per_sample == 3136);
  CHECK(static_cast<double>(use.fixed) / 1024 == doctest::Approx(1041.4).epsilon(1e-4));
}

TEST_CASE("2000 epochs add up to the totals the deliverable prints") {
  // Its "GBytes" are KiB / 10^6; the model size there is rounded up to 1041.45 KiB.
  const auto total = [](int batch) {
    return static_cast<double>(seed_epoch_bytes(kMlp, kPixels, batch)) * 2000 / 1024 / 1e6;
  };
  CHECK(total(512) == doctest::Approx(5.2189).epsilon(2e-5));
  CHECK(total(128) == doctest::Approx(2.8669).epsilon(2e-5));
}

TEST_CASE("batch caps agree with the worked numbers") {
  CHECK(cap(2'672'072, 1'066'440) == 512);
  CHECK(cap(2'672'072, 182'272) == 793);
  CHECK(cap(1'467'848, 1'066'440) == 128);
  CHECK(cap(1'467'848, 126'976) == 427);
  CHECK(batch_cap(4'623'720, {985'661, 12'288}) == 296);
}

TEST_CASE("a budget below the model and one sample is refused with the smallest that works") {
  const MemoryUse use = memory_use(MemoryModel::kSeed, kMlp, kPixels);
  CHECK(batch_cap(use.fixed - 1, use) == 0);
  CHECK(check_budget(use.fixed + use.per_sample, use).has_value());
  const auto status = check_budget(use.fixed + use.per_sample - 1, use);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == Errc::kUsage);
  CHECK(status.error().hint == "the smallest that works is 1069576B");
}

TEST_CASE("the full model counts optimiser, averages, gates and activations") {
  const std::vector<int> small{4, 3, 2};
  const MemoryUse use = memory_use(MemoryModel::kFull, small, 4);
  // 5 copies of 4*3+3 + 3*2+2 = 23 parameters and 7 gates; activations 4+6 + 3+4 per sample.
  CHECK(use.fixed == 4 * 5 * 30);
  CHECK(use.per_sample == 4 * 17);
}

TEST_CASE("this process has a peak") {
  CHECK(peak_rss_bytes() > 1'000'000);
}

TEST_CASE("what the machine cannot hold is refused") {
  CHECK(check_physical(100, 100).has_value());
  CHECK(check_physical(100, 0).has_value());
  const auto status = check_physical(101, 100);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == Errc::kUsage);
  // Two layers of a million units, as --layers allows them.
  const auto huge = memory_use(MemoryModel::kFull, std::array{1'000'000, 1'000'000, 10}, 1'000'000);
  CHECK_FALSE(check_physical(huge.fixed, physical_bytes()).has_value());
}

}  // namespace marvel::compress
