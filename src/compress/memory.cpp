#include "compress/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

namespace marvel::compress {
namespace {

constexpr std::uint64_t kFloatBytes = 4;
constexpr std::uint64_t kCopies = 5;  // value, gradient, two moments, average

std::uint64_t parameter_count(std::span<const int> widths) {
  std::uint64_t total = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    total +=
        (static_cast<std::uint64_t>(widths[l]) + 1) * static_cast<std::uint64_t>(widths[l + 1]);
  }
  return total;
}

// One gate per unit that feeds a layer, so all but the outputs.
std::uint64_t gate_count(std::span<const int> widths) {
  std::uint64_t total = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    total += static_cast<std::uint64_t>(widths[l]);
  }
  return total;
}

// Per layer: its masked input, its output, and the output's gradient.
std::uint64_t activation_count(std::span<const int> widths) {
  std::uint64_t total = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    total += static_cast<std::uint64_t>(widths[l]) + 2 * static_cast<std::uint64_t>(widths[l + 1]);
  }
  return total;
}

}  // namespace

MemoryUse memory_use(MemoryModel model, std::span<const int> widths, int input_pixels) {
  const std::uint64_t input = kFloatBytes * static_cast<std::uint64_t>(input_pixels);
  const std::uint64_t parameters = parameter_count(widths);
  if (model == MemoryModel::kSeed) {
    return {kFloatBytes * parameters, input};
  }
  return {kFloatBytes * kCopies * (parameters + gate_count(widths)),
          kFloatBytes * activation_count(widths)};
}

std::uint64_t seed_epoch_bytes(std::span<const int> widths, int input_pixels, int batch) {
  const MemoryUse use = memory_use(MemoryModel::kSeed, widths, input_pixels);
  return use.fixed + use.per_sample * static_cast<std::uint64_t>(batch);
}

std::uint64_t batch_cap(std::uint64_t budget, const MemoryUse& use) {
  return budget < use.fixed ? 0 : (budget - use.fixed) / use.per_sample;
}

Status check_budget(std::uint64_t budget, const MemoryUse& dense) {
  if (batch_cap(budget, dense) >= 1) {
    return {};
  }
  return fail(
      Errc::kUsage,
      fmt::format("--memory-budget {} bytes cannot hold the dense network ({} bytes) and one "
                  "sample ({} bytes)",
                  budget, dense.fixed, dense.per_sample),
      fmt::format("the smallest that works is {}B", dense.fixed + dense.per_sample));
}

Status check_physical(std::uint64_t needed, std::uint64_t physical) {
  if (physical == 0 || needed <= physical) {
    return {};
  }
  return fail(Errc::kUsage,
              fmt::format("training takes {} bytes of memory at least, but this machine has {}",
                          needed, physical),
              "make --layers or --batch-size smaller");
}

std::uint64_t physical_bytes() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto size = ::sysconf(_SC_PAGESIZE);
  return pages < 0 || size < 0
             ? 0
             : static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
}

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) {
    return 0;
  }
  constexpr std::uint64_t kKiB = 1024;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * kKiB;
}

}  // namespace marvel::compress
