#pragma once

#include "base/result.hpp"
#include "federate/wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace marvel::federate {

// Small sums that the coordinator's files share.

// `count` times `share`, rounded up. A hair above a whole number is that number: 100 times 1.1 is
// 110, though the product of the doubles is a little more.
[[nodiscard]] std::size_t share_of(std::size_t count, double share);
// A measured value that is there and finite. None for other types: a whole number or a text where a
// measure is meant is no measure.
[[nodiscard]] std::optional<double> real_metric(const wire::Config& metrics, const char* name);
// The same of one that is in [0, 1], too.
[[nodiscard]] std::optional<double> share_metric(const wire::Config& metrics, const char* name);
// Of the tensors as they are on the wire, without names and metrics.
[[nodiscard]] std::size_t parameter_bytes(const wire::Parameters& parameters);
// The answer is not an update but the size of one: no tensors, and "update_norm" among the metrics.
// See client/size_report.hpp for when that is asked.
[[nodiscard]] bool tells_size(const wire::FitResult& result);

// Whether a client can have so many; beyond 1e15 sums lose count. kInput for negative numbers and
// those beyond. 0 is fine: such an update has no weight.
Status check_examples(std::int64_t examples);
// What an evaluation may say: a possible number of examples, a finite loss, an accuracy in [0, 1].
// kInput says what it may not.
Status check_evaluation(const wire::EvaluateResult& result);
// Metrics of a training that make no sense, by name: a loss that is no number, a share outside of
// [0, 1]. Nobody takes note of them; the update is judged by its own numbers. Looks at "loss",
// "grad_var", "accuracy" and "validation_accuracy".
std::vector<std::string> odd_metrics(const wire::Config& metrics);

}  // namespace marvel::federate
