#include "federate/strategy/history.hpp"

namespace marvel::federate {

// The exponentially weighted variance of West (1979) in the form of Finch, "Incremental
// calculation of weighted mean and variance" (2009), section 9.
void note_update_norm(ClientHistory& history, double norm) {
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
