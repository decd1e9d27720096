#include "federate/strategy/nus.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace marvel::federate {
namespace {

const ClientHistory& history_of(const Histories& histories, const std::string& client) {
  static const ClientHistory kUnknown;
  const auto found = histories.find(client);
  return found == histories.end() ? kUnknown : found->second;
}

// Standard scores; 0 for those without a value and where all are equal.
std::vector<double> standard_scores(const std::vector<std::optional<double>>& values) {
  double count = 0;
  double sum = 0;
  double squares = 0;
  for (const auto& value : values) {
    if (value) {
      count += 1;
      sum += *value;
      squares += *value * *value;
    }
  }
  std::vector<double> scores(values.size());
  const double mean = count > 0 ? sum / count : 0;
  const double variance = count > 0 ? squares / count - mean * mean : 0;
  if (!(variance > 1e-12 * mean * mean)) {
    return scores;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const auto& value = values[i]) {
      scores[i] = (*value - mean) / std::sqrt(variance);
    }
  }
  return scores;
}

// Examples of all registered clients; those that are not known yet count as the mean of the known.
struct Examples {
  double unknown = 1;
  double total = 0;
};
Examples count_examples(std::span<const std::string> present, const Histories& histories) {
  double known = 0;
  double sum = 0;
  double unknown = 0;
  for (const auto& [name, history] : histories) {
    known += history.examples > 0 ? 1 : 0;
    unknown += history.examples > 0 ? 0 : 1;
    sum += static_cast<double>(history.examples);
  }
  for (const auto& client : present) {
    unknown += histories.contains(client) ? 0 : 1;
  }
  Examples result;
  result.unknown = known > 0 ? sum / known : 1;
  result.total = sum + unknown * result.unknown;
  return result;
}

double median_norm(std::span<const std::string> present, const Histories& histories) {
  std::vector<double> norms;
  for (const auto& client : present) {
    if (const auto& norm = history_of(histories, client).update_norm) {
      norms.push_back(*norm);
    }
  }
  if (norms.empty()) {
    return 1;
  }
  const auto middle = norms.begin() + static_cast<std::ptrdiff_t>(norms.size() / 2);
  std::nth_element(norms.begin(), middle, norms.end());
  return *middle;
}

// Sets to 1 what the options leave out of account.
void keep_features(const NusOptions& options, NusFactors& row) {
  if (options.features != NusFeatures::kAll) {
    row.weight = row.norm = row.loss = row.variance = 1;
  }
  if (options.features == NusFeatures::kNone) {
    row.staleness = 1;
  } else if (options.features == NusFeatures::kAvailability) {
    row.rarity = rarity(row.availability);
  } else if (options.mode == NusMode::kPost) {
    row.loss = row.variance = row.staleness = 1;
  }
}

std::optional<double> loss_of(const ClientHistory& history) {
  if (history.loss) {
    return history.loss;
  }
  return history.accuracy ? std::optional(1 - *history.accuracy) : std::nullopt;
}

}  // namespace

double rarity(double availability) {
  constexpr double kLeast = 0.2;
  return 1 / std::max(kLeast, availability);
}

double correction(double probability, double response) {
  constexpr double kLeast = 0.2;
  return 1 / (probability * std::max(kLeast, response));
}

std::vector<NusFactors> nus_factors(std::span<const std::string> present,
                                    const Histories& histories, std::uint64_t round,
                                    std::size_t wanted, const NusOptions& options) {
  const Examples examples = count_examples(present, histories);
  const double median = median_norm(present, histories);
  std::vector<std::optional<double>> losses;
  std::vector<std::optional<double>> variances;
  for (const auto& client : present) {
    losses.push_back(loss_of(history_of(histories, client)));
    variances.push_back(history_of(histories, client).norm_variance);
  }
  const auto loss_scores = standard_scores(losses);
  const auto variance_scores = standard_scores(variances);
  const double patience = 2 * static_cast<double>(present.size()) /
                          static_cast<double>(std::max<std::size_t>(1, wanted));
  std::vector<NusFactors> rows;
  for (std::size_t i = 0; i < present.size(); ++i) {
    const auto& history = history_of(histories, present[i]);
    NusFactors row;
    row.client = present[i];
    row.availability = history.availability;
    row.response = history.response;
    row.weight = (history.examples > 0 ? static_cast<double>(history.examples) : examples.unknown) /
                 examples.total;
    row.norm = history.update_norm.value_or(median);
    row.loss = 1 + options.loss * std::max(0.0, loss_scores[i]);
    row.variance = 1 + options.variance * std::max(0.0, variance_scores[i]);
    row.since_merge = round - history.last_merged;
    row.staleness =
        1 + options.staleness * std::min(1.0, static_cast<double>(row.since_merge) / patience);
    keep_features(options, row);
    row.score = row.weight * row.norm * row.loss * row.variance * row.staleness * row.rarity;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<double> inclusion_probabilities(std::span<const double> scores, double wanted,
                                            double floor) {
  const auto clients = static_cast<double>(scores.size());
  if (wanted >= clients) {
    return std::vector<double>(scores.size(), 1.0);
  }
  const double least = std::min(floor, wanted / clients);
  std::vector<double> finite(scores.begin(), scores.end());
  for (double& score : finite) {
    score = std::isfinite(score) ? score : 0;
  }
  scores = finite;
  const double largest = *std::max_element(scores.begin(), scores.end());
  // A score of zero would never reach its share; relative to the largest it is as good as zero.
  const double tiny = largest > 0 ? largest * 1e-12 : 1;
  const auto probability = [&](double lambda, double score) {
    return std::min(1.0, std::max(least, lambda * std::max(score, tiny)));
  };
  double low = 0;
  double high = 1 / tiny;
  for (int i = 0; i < 200; ++i) {  // the sum grows with lambda: bisection to the last bit
    const double middle = low + (high - low) / 2;
    double sum = 0;
    for (const double score : scores) {
      sum += probability(middle, score);
    }
    (sum < wanted ? low : high) = middle;
  }
  std::vector<double> probabilities;
  for (const double score : scores) {
    probabilities.push_back(probability(high, score));
  }
  return probabilities;
}

std::vector<std::size_t> systematic_sample(std::span<const double> probabilities,
                                           std::uint64_t key) {
  std::vector<std::uint32_t> order(probabilities.size());
  random_permutation(stream_key(key, 1), order);
  double next = CounterRng(stream_key(key, 2)).uniform();
  double cumulated = 0;
  std::vector<std::size_t> drawn;
  for (const auto position : order) {
    cumulated += probabilities[position];
    // A hair of tolerance: the sum of probabilities is whole only up to rounding.
    if (cumulated > next - 1e-12) {
      drawn.push_back(position);
      next += 1;
    }
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

std::vector<std::size_t> poisson_sample(std::span<const double> probabilities, std::uint64_t key) {
  CounterRng coins(stream_key(key, 3));
  std::vector<std::size_t> drawn;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (coins.uniform() < probabilities[i]) {
      drawn.push_back(i);
    }
  }
  return drawn;
}

}  // namespace marvel::federate
