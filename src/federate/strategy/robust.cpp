#include "federate/strategy/robust.hpp"

#include "base/check.hpp"
#include "federate/strategy/weighted_sum.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace marvel::federate {
namespace {

// Coordinates that are looked at together: 64 clients then take 4 MiB.
constexpr std::size_t kCoordinates = 8192;

// Writes coordinates of a model that is laid end to end, in ascending order.
class FlatWriter {
 public:
  explicit FlatWriter(const Model& like) : model_(zeros_like(like)) {}

  void put(double value) {
    while (at_ == model_[tensor_].size()) {
      ++tensor_;
      at_ = 0;
    }
    std::visit(
        [&](auto& values) {
          using T = typename std::decay_t<decltype(values)>::value_type;
          values[at_] = static_cast<T>(value);
        },
        model_[tensor_].values);
    ++at_;
  }
  Model finish() {
    round_integers(model_);
    return std::move(model_);
  }

 private:
  Model model_;
  std::size_t tensor_ = 0;
  std::size_t at_ = 0;
};

// combine(values) gives the aggregate of one coordinate's values, which it may reorder.
template <class Combine>
Result<Model> per_coordinate(const Spool& spool, const Model& like, const Combine& combine) {
  MARVEL_CHECK(spool.updates() > 0, "robust: no update");
  FlatWriter out(like);
  std::vector<double> block;
  std::vector<double> column(spool.updates());
  for (std::size_t first = 0; first < spool.elements(); first += kCoordinates) {
    const std::size_t count = std::min(kCoordinates, spool.elements() - first);
    MARVEL_TRY_STATUS(spool.read(first, count, block));
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < column.size(); ++k) {
        column[k] = block[k * count + i];
      }
      out.put(combine(column));
    }
  }
  return out.finish();
}

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) {
    return *middle;
  }
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double squared_distance(const double* a, const double* b, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return sum;
}

// K x K, symmetric.
Result<std::vector<double>> squared_distances(const Spool& spool) {
  const std::size_t clients = spool.updates();
  std::vector<double> distances(clients * clients);
  std::vector<double> block;
  for (std::size_t first = 0; first < spool.elements(); first += kCoordinates) {
    const std::size_t count = std::min(kCoordinates, spool.elements() - first);
    MARVEL_TRY_STATUS(spool.read(first, count, block));
    for (std::size_t a = 0; a < clients; ++a) {
      for (std::size_t b = a + 1; b < clients; ++b) {
        distances[a * clients + b] +=
            squared_distance(block.data() + a * count, block.data() + b * count, count);
      }
    }
  }
  for (std::size_t a = 0; a < clients; ++a) {
    for (std::size_t b = a + 1; b < clients; ++b) {
      distances[b * clients + a] = distances[a * clients + b];
    }
  }
  return distances;
}

}  // namespace

Result<Model> coordinate_median(const Spool& spool, const Model& like) {
  return per_coordinate(spool, like, median_of);
}

Result<Model> trimmed_mean(const Spool& spool, const Model& like, double beta) {
  const auto cut = static_cast<std::ptrdiff_t>(beta * static_cast<double>(spool.updates()));
  return per_coordinate(spool, like, [cut](std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    const double sum = std::accumulate(values.begin() + cut, values.end() - cut, 0.0);
    return sum / static_cast<double>(static_cast<std::ptrdiff_t>(values.size()) - 2 * cut);
  });
}

Result<std::vector<double>> krum_scores(const Spool& spool, std::size_t byzantine) {
  MARVEL_TRY(const auto distances, squared_distances(spool));
  const std::size_t clients = spool.updates();
  const std::size_t others = clients > 0 ? clients - 1 : 0;
  const std::size_t wanted = clients > byzantine + 2 ? clients - byzantine - 2 : 1;
  const auto near = static_cast<std::ptrdiff_t>(std::min(others, std::max<std::size_t>(1, wanted)));
  std::vector<double> scores;
  for (std::size_t a = 0; a < clients; ++a) {
    std::vector<double> row;
    for (std::size_t b = 0; b < clients; ++b) {
      if (b != a) {
        row.push_back(distances[a * clients + b]);
      }
    }
    std::partial_sort(row.begin(), row.begin() + near, row.end());
    scores.push_back(std::accumulate(row.begin(), row.begin() + near, 0.0));
  }
  return scores;
}

Result<Model> mean_of(const Spool& spool, const Model& like, std::span<const std::size_t> chosen,
                      std::span<const double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  return per_coordinate(spool, like, [&](const std::vector<double>& values) {
    double sum = 0;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      sum += weights[i] * values[chosen[i]];
    }
    return sum / total;
  });
}

std::vector<std::size_t> lowest(std::span<const double> scores, std::size_t keep) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  order.resize(std::min(keep, order.size()));
  return order;
}

}  // namespace marvel::federate
