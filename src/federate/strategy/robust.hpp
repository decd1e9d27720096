#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/strategy/spool.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace marvel::federate {

// Aggregates that some wrong or hostile clients cannot move at will. All read the spool block by
// block: beside the result, which is shaped as `like`, memory is 64 KiB per client, however large
// the model, and for Krum a distance per pair of clients. The spool must hold at least one update,
// of as many elements as `like`. Errors are kUnavailable, of a disk that cannot be read.
//
// Krum of K updates, keeping m, is
//   krum_scores(spool, f) -> lowest(scores, m) -> mean_of(spool, like, chosen, weights)
// Median and trimmed mean do not look at examples: each client counts the same.

// Per coordinate: the middle value, or the mean of the two middle ones. Yin et al., "Byzantine-
// Robust Distributed Learning" (ICML 2018, arXiv 1803.01498), option I.
Result<Model> coordinate_median(const Spool& spool, const Model& like);

// Per coordinate: the mean without the floor(beta * K) smallest and largest values (the same
// paper, option II). `beta` in [0, 0.5).
Result<Model> trimmed_mean(const Spool& spool, const Model& like, double beta);

// Krum's scores: per update the sum of the max(1, K - f - 2) smallest squared distances to the
// others. Blanchard et al., "Machine Learning with Adversaries" (NeurIPS 2017). One update alone
// has score 0. The paper's promise needs K > 2 f + 2, which is not checked here. Costs K^2 / 2
// distances over all elements.
Result<std::vector<double>> krum_scores(const Spool& spool, std::size_t byzantine);

// The mean of the updates named in `chosen`, by their positions in the spool, with a weight for
// each; the weights must not sum to zero.
Result<Model> mean_of(const Spool& spool, const Model& like, std::span<const std::size_t> chosen,
                      std::span<const double> weights);

// The `keep` updates of lowest score, in ascending order of their score; ties go to the earlier.
std::vector<std::size_t> lowest(std::span<const double> scores, std::size_t keep);

}  // namespace marvel::federate
