#include "federate/strategy/history.hpp"

#include <cmath>

namespace marvel::federate {

// The exponentially weighted variance of West (1979) in the form of Finch, "Incremental
// calculation of weighted mean and variance" (2009), section 9.
void note_update_norm(ClientHistory& history, double norm) {
  if (!std::isfinite(norm)) {
    return;  // the square of a huge value: one such norm would spoil the mean for ever
  }
  if (!history.update_norm) {
    history.update_norm = norm;
    history.norm_variance = 0;
    return;
  }
  const double difference = norm - *history.update_norm;
  history.update_norm = running_mean(*history.update_norm, norm);
  history.norm_variance = (1 - kHistoryRate) * (history.norm_variance.value_or(0) +
                                                kHistoryRate * difference * difference);
}

}  // namespace marvel::federate
