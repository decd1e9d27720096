#include "compress/samples.hpp"

#include "base/random.hpp"

#include <numeric>

#include <fmt/format.h>

namespace marvel::compress {

Split split_samples(std::size_t count, int validation, std::uint64_t key) {
  std::vector<std::uint32_t> order(count);
  random_permutation(key, order);
  const auto held = static_cast<std::ptrdiff_t>(validation);
  return {{order.begin() + held, order.end()}, {order.begin(), order.begin() + held}};
}

std::vector<std::uint32_t> all_samples(std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

Status check_samples(const TrainOptions& options, const data::Dataset& data) {
  const auto pixels = static_cast<int>(data.train.image_bytes());
  if (pixels != options.layers.front()) {
    return fail(
        Errc::kInput,
        fmt::format("the network has {} inputs, but the images of '{}' have {}x{} = {} pixels",
                    options.layers.front(), data.name, data.train.rows, data.train.columns, pixels),
        fmt::format("begin --layers with {}", pixels));
  }
  MARVEL_TRY_STATUS(data::check_labels(data.train, options.layers.back(), "training"));
  MARVEL_TRY_STATUS(data::check_labels(data.test, options.layers.back(), "test"));
  if (static_cast<std::size_t>(options.validation) >= data.train.size()) {
    return fail(Errc::kUsage, fmt::format("--validation {} leaves none of the {} training samples",
                                          options.validation, data.train.size()));
  }
  return {};
}

}  // namespace marvel::compress
