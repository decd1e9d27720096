#pragma once

// The numbers of the fields of Flower's messages, for message.cpp, which writes them, and
// message_decode.cpp, which reads them. The two dialects differ in numbers only, so each message is
// written and read once, with its dialect's row.
//
//   Parameters { repeated bytes tensors = 1; string tensor_type = 2 }
//   Scalar     oneof { double = 1; uint64 = 6; sint64 = 8; bool = 13; string = 14; bytes = 15 }
//   map entry  { string key = 1; Scalar value = 2 }
//   Status     { Code code = 1; string message = 2 }
//
// What both dialects number alike has no row here: the seconds of a Reconnect, the parameters (1)
// and settings (2) of Fit and Evaluate, the status (1) and properties (2) of a PropertiesResult.
#include "federate/wire/message.hpp"

#include <array>
#include <cstdint>

namespace marvel::federate::wire {

// Field numbers by dialect: [kLegacy, kModern]; 0 where the dialect has no such field. The left
// number is flower.transport's, the right one flwr.proto's.
using Number = std::array<std::uint32_t, 2>;

// Of the oneof in ServerMessage.
inline constexpr Number kReconnect{1, 1};
inline constexpr Number kGetParameters{2, 3};
inline constexpr Number kGetProperties{5, 2};
inline constexpr Number kFit{3, 4};
inline constexpr Number kEvaluate{4, 5};

// Of the oneof in ClientMessage. Each answer has the number of its question.
inline constexpr Number kDisconnect{1, 1};
inline constexpr Number kParametersResult{2, 3};
inline constexpr Number kPropertiesResult{5, 2};
inline constexpr Number kFitResult{3, 4};
inline constexpr Number kEvaluateResult{4, 5};

// Within the answers. The legacy dialect has no status there, and is read as if all went well.
inline constexpr Number kOutcome{0, 1};  // in ParametersResult, FitResult and EvaluateResult
inline constexpr Number kParameters{1, 2};
inline constexpr Number kFitExamples{2, 3};
inline constexpr Number kFitMetrics{5, 4};
inline constexpr Number kEvaluateLoss{2, 2};
inline constexpr Number kEvaluateExamples{1, 3};
inline constexpr Number kEvaluateMetrics{4, 4};

// The number of a field. 0 stands in no message (FieldReader refuses it), so a field that the
// dialect lacks is never found when reading; who writes must look first.
inline std::uint32_t of(const Number& number, Dialect dialect) {
  return number[dialect == Dialect::kLegacy ? 0 : 1];
}

}  // namespace marvel::federate::wire
