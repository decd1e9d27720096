#include "compress/batch_rule.hpp"

#include <algorithm>
#include <cmath>

namespace marvel::compress {
namespace {

// Far above any data set, so that a near-zero loss cannot overflow the candidate.
constexpr double kMostGrowth = 1e6;

}  // namespace

BatchRule::BatchRule(int start, double alpha, std::uint64_t cap)
    : alpha_(alpha),
      batch_(static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(start), cap))),
      candidate_(static_cast<std::uint64_t>(batch_)) {}

void BatchRule::after_gradient(double variance, double loss) {
  if (loss <= 0) {
    return;
  }
  const double growth = std::floor((1.0 - alpha_) * variance / loss);
  candidate_ += static_cast<std::uint64_t>(std::clamp(growth, 0.0, kMostGrowth));
}

void BatchRule::after_epoch(std::uint64_t cap) {
  candidate_ = std::max<std::uint64_t>(1, std::min(candidate_, cap));
  batch_ = static_cast<int>(candidate_);
}

void BatchRule::restore(int batch, std::uint64_t candidate) {
  batch_ = batch;
  candidate_ = candidate;
}

}  // namespace marvel::compress
