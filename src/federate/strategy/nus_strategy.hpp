#pragma once

#include "federate/strategy/strategy.hpp"

#include <memory>

namespace marvel::federate {

// NUS (nus.hpp) as a strategy: draws by score and undoes the draw's preference,
//   x + lr / n sum_k c_k (x_k - x),  c_k = n_k / (p_k r_k)
// (Horvitz and Thompson 1952, with non-response), n the examples of those present or of all.
//
// With NusOptions::memory the draw tells only what is new since a client was merged last
// (update_memory.hpp), and the rest is remembered, also of those that are away:
//   x + lr / n (sum_i n_i y_i + sum_k c_k (x_k - x - y_k)),  n the examples of all
// For those present that is as unbiased as without, because E[sum_k c_k z_k] = sum_i n_i z_i for
// any z that does not depend on the draw; the variance is that of the news.
//
// `options` must be valid. A strategy with memory keeps it in options.spool.
std::unique_ptr<Strategy> make_nus(const StrategyOptions& options);

}  // namespace marvel::federate
