#pragma once

#include "compress/report.hpp"

#include <vector>

namespace marvel::compress {

// Puts the epochs of a run into its report, with the figures that follow from them alone: the final
// errors, the best epoch by validation error (the first of equals), the seed's memory figures and
// the seconds of training. A run without epochs, or without validation, leaves "not measured". Once
// per report: sums are added to what it has.
void add_epochs(std::vector<EpochRecord> epochs, TrainReport* report);

}  // namespace marvel::compress
