// What the mean of a round is over.
#include "federate/server/coordinator.hpp"

#include <algorithm>

namespace marvel::federate {

double Coordinator::registered_examples() const {
  double sum = 0;
  double known = 0;
  for (const auto& [key, history] : state_.histories) {
    sum += static_cast<double>(history.examples);
    known += history.examples > 0 ? 1 : 0;
  }
  const double unknown = static_cast<double>(state_.histories.size()) - known;
  return known > 0 ? sum + unknown * sum / known : 1;
}

// Of those that the strategy has chosen from; where all train first, of those that have told or
// sent something, also when they were drawn then and fell out. One that has not told its examples
// yet counts as the mean.
double Coordinator::present_examples() const {
  const double all = registered_examples();
  const double mean = all / std::max(1.0, static_cast<double>(state_.histories.size()));
  double sum = 0;
  const auto count = [&](const std::string& client) {
    const auto found = state_.histories.find(client);
    const bool known = found != state_.histories.end() && found->second.examples > 0;
    sum += known ? static_cast<double>(found->second.examples) : mean;
  };
  if (strategy_.asking() == Asking::kTrainFirst) {
    for (const auto& [client, asked] : asked_) {
      if (asked.report.fate == Fate::kMerged || asked.norm) {
        count(client);
      }
    }
  } else {
    for (const auto& row : report_.factors) {
      if (row.draw == 1) {  // later draws are among the same clients
        count(row.client);
      }
    }
  }
  return sum > 0 ? sum : all;
}

}  // namespace marvel::federate
