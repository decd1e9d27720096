#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Flower's messages. Each `Join` call is a bidirectional stream in which server and client take
// turns, the server first; there is never more than one message under way.
namespace marvel::federate::wire {

// Flower's two protocols. Their messages say the same with other numbers.
enum class Dialect {
  kLegacy,  // "0.x": flower.transport, releases 0.17 to 0.19
  kModern,  // "1.x": flwr.proto, from 1.0 on
};

[[nodiscard]] std::string_view dialect_name(Dialect dialect);  // "0.x", "1.x"
// The path of the gRPC method: "/flwr.proto.FlowerService/Join".
[[nodiscard]] std::string_view join_method(Dialect dialect);

struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};
// A setting or a measured value. Unsigned numbers of newer clients are read as std::int64_t, or as
// double beyond 2^63, and never written: clients before 1.12 crash on them.
using Scalar = std::variant<double, std::int64_t, bool, std::string, Blob>;
using Config = std::map<std::string, Scalar>;

// Tensors as .npy files, in the order of the model.
struct Parameters {
  std::vector<Bytes> tensors;
  std::string tensor_type = "numpy.ndarray";
};

// --- what a server says ---

struct Reconnect {
  std::int64_t seconds = 0;  // 0: the end; otherwise come back after so long
};
struct GetProperties {  // kModern only; a 0.17 client dies on it
  Config config;
};
struct GetParameters {
  Config config;  // kModern only
};
struct Fit {
  Parameters parameters;
  Config config;
};
struct Evaluate {
  Parameters parameters;
  Config config;
};
using ServerMessage = std::variant<Reconnect, GetProperties, GetParameters, Fit, Evaluate>;

// --- what a client says ---

// Of the modern dialect; always kOk in the legacy one. Other numbers are a client's own.
struct Outcome {
  std::int64_t code = 0;  // 0 OK, 1 to 4: the client does not implement what it was asked
  std::string message;    // as it is read: shown_text of at most 200 characters
};
struct Disconnect {
  std::int64_t reason = 0;
};
struct PropertiesResult {
  Outcome outcome;
  Config properties;
};
struct ParametersResult {
  Outcome outcome;
  Parameters parameters;
};
struct FitResult {
  Outcome outcome;
  Parameters parameters;
  std::int64_t num_examples = 0;
  Config metrics;
};
struct EvaluateResult {
  Outcome outcome;
  float loss = 0;
  std::int64_t num_examples = 0;
  Config metrics;
};
using ClientMessage =
    std::variant<Disconnect, PropertiesResult, ParametersResult, FitResult, EvaluateResult>;

// Most tensors in a message, and entries in a map; beyond it a message is refused.
inline constexpr std::size_t kMaxTensors = 65536;
inline constexpr std::size_t kMaxEntries = 4096;

Bytes encode(const ServerMessage& message, Dialect dialect);
Bytes encode(const ClientMessage& message, Dialect dialect);

// Tensors refer to `bytes`' memory. Unknown fields are skipped, as protobuf does. kInput for
// damaged messages and for ones that say nothing known.
Result<ServerMessage> decode_server(const Bytes& bytes, Dialect dialect);
Result<ClientMessage> decode_client(const Bytes& bytes, Dialect dialect);

}  // namespace marvel::federate::wire
