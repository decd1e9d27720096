#pragma once

#include "federate/array/tensor.hpp"
#include "federate/wire/message.hpp"

#include <optional>

namespace marvel::federate {

// A client may be asked to train, keep the update and tell its size first:
//   fit, "marvel.report" = "norm"          -> no tensors, metric "update_norm" beside the others
//   fit, no tensors, "marvel.upload" = 1   -> the update
// Both carry the names of run and round. A client that does not know this sends the update at once.
//
// It serves draws that look at the size of updates: only the drawn ones have to go up, and the
// model need not be sent twice (strategy/nus.hpp, kPost). A new process that lacks the update
// answers the second question with a failure.
inline constexpr const char* kReportSetting = "marvel.report";
inline constexpr const char* kUploadSetting = "marvel.upload";
inline constexpr const char* kNormMetric = "update_norm";

// |trained - global|_2 / sqrt(number of parameters); none where their shapes differ. The root mean
// square of the changes: a size that does not grow with the model. One pass over both.
[[nodiscard]] std::optional<double> change_size(const Model& trained, const Model& global);
// With any other word the client sends its update at once.
[[nodiscard]] bool wants_size(const wire::Config& config);
// `update`, whose metrics hold its size, without its tensors.
[[nodiscard]] wire::FitResult size_report(const wire::FitResult& update);

}  // namespace marvel::federate
