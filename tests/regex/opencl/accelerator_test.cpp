#include "regex/accelerator.hpp"

#include "regex/finder_pool.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

PatternSet set_of(const std::string& pattern) {
  const auto tree = parse(pattern, {});
  return make_set({}, {&*tree, 1});
}

Job job_of(const std::string& text) {
  Job job;
  REQUIRE(job.block.buffer.grow(text.size() + Block::kPadding));
  std::copy(text.begin(), text.end(), job.block.buffer.data());
  job.block.size = text.size();
  return job;
}

}  // namespace

TEST_CASE("a device that was asked for does the work from the first byte") {
  const PatternSet set = set_of("siren");
  Accelerator accelerator(set, {"cpu", {}});
  accelerator.expect(1);
  REQUIRE(accelerator.engine() != nullptr);
  const StopFlag stop;
  FinderPool pool(set, accelerator, 2, std::size_t{1} << 20, stop);
  Job first = job_of("a siren\nno\n");
  Job second = job_of("no\na siren\n");
  pool.find_now(first);
  pool.submit(second);
  pool.wait(second);
  CHECK(first.on_device);
  CHECK(second.on_device);
  CHECK(first.ends == std::vector<std::uint32_t>{7});
  CHECK(second.ends == std::vector<std::uint32_t>{10});
  CHECK_FALSE(accelerator.take_failure().has_value());
}

TEST_CASE("without the device, and after it failed, the host does the work") {
  const PatternSet set = set_of("siren");
  for (const char* const device : {"99", "host", "auto"}) {
    Accelerator accelerator(set, {device, {}});
    accelerator.expect(1);
    CHECK(accelerator.engine() == nullptr);
    CHECK(accelerator.take_failure().has_value() == (std::string(device) == "99"));
    CHECK_FALSE(accelerator.take_failure().has_value());
  }
  Accelerator accelerator(set, {"cpu", {}});
  accelerator.expect(1);
  const StopFlag stop;
  FinderPool pool(set, accelerator, 1, std::size_t{1} << 20, stop);
  accelerator.give_up({Errc::kUnavailable, "lost", {}, {}});
  Job job = job_of("a siren\n");
  pool.find_now(job);
  CHECK_FALSE(job.on_device);
  CHECK(job.ends.size() == 1);
  CHECK(accelerator.take_failure()->message == "lost");
}

TEST_CASE("patterns too many for a device's tables are said to be") {
  const PatternSet set = set_of("a.{40}b$");
  Accelerator accelerator(set, {"cpu", {}});
  accelerator.expect(1);
  CHECK(accelerator.engine() == nullptr);
  CHECK(accelerator.take_failure().has_value());
}

TEST_CASE("words for devices are checked before anything is loaded") {
  for (const char* const good : {"auto", "host", "cpu", "gpu", "0", "17"}) {
    CHECK(check_device(good).has_value());
  }
  CHECK(check_device("gpus").error().code == Errc::kUsage);
}

}  // namespace marvel::regex
