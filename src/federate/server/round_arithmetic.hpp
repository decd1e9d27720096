#pragma once

#include "federate/wire/message.hpp"

#include <cstddef>
#include <optional>

namespace marvel::federate {

// Small sums that the coordinator's files share.

// `count` times `share`, rounded up.
[[nodiscard]] std::size_t share_of(std::size_t count, double share);
// A measured value that is there and finite.
[[nodiscard]] std::optional<double> real_metric(const wire::Config& metrics, const char* name);
[[nodiscard]] std::size_t parameter_bytes(const wire::Parameters& parameters);
// The answer is not an update but the size of one: no tensors, and "update_norm" among the metrics.
[[nodiscard]] bool tells_size(const wire::FitResult& result);

}  // namespace marvel::federate
