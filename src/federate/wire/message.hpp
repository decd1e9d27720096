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
//
// One turn, and what bytes go through on the way:
//
//   server   encode(ServerMessage), split (wire/chunks) if it is long, gRPC
//   client   gRPC, ChunkJoiner, decode_server, Conversation::answer, encode(ClientMessage)
//   server   gRPC, ChunkJoiner, decode_client, Coordinator::receive
//
// Each question has one kind of answer: GetParameters a ParametersResult, Fit a FitResult, Evaluate
// an EvaluateResult, GetProperties a PropertiesResult, and Reconnect a Disconnect, after which the
// stream ends. All types here are plain values; copies of one share the memory of its tensors.
namespace marvel::federate::wire {

// Flower's two protocols. Their messages say the same with other numbers. A stream speaks one of
// them from its first message to its last: the one whose method its client has called.
enum class Dialect {
  kLegacy,  // "0.x": flower.transport, releases 0.17 to 0.19
  kModern,  // "1.x": flwr.proto, from 1.0 on
};

[[nodiscard]] std::string_view dialect_name(Dialect dialect);  // "0.x", "1.x"
// The path of the gRPC method: "/flwr.proto.FlowerService/Join". Each dialect is a service of its
// own, so both can share a port.
[[nodiscard]] std::string_view join_method(Dialect dialect);

// Bytes as a setting or metric. A type of its own, because text and bytes are both a std::string
// here and two different fields on the wire.
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};
// A setting or a measured value. Unsigned numbers of newer clients are read as std::int64_t, or as
// double beyond 2^63, and never written: clients before 1.12 crash on them. What has no value at
// all is read as the double 0. Which alternative a number has matters: who looks for a double does
// not find a std::int64_t (real_metric in server/round_arithmetic.hpp).
using Scalar = std::variant<double, std::int64_t, bool, std::string, Blob>;
// Settings of a question, or metrics of an answer, by name. The names to which marvel gives a
// meaning are in docs/formats/fedl.md. As in the fit of round 3:
//   {"marvel.run": "0f3c...", "marvel.round": 3, "proximal_mu": 0.01}
using Config = std::map<std::string, Scalar>;

// Tensors as .npy files, in the order of the model. `tensor_type` says how they are written:
// "numpy.ndarray" is Flower's, kEncodedType (wire/update_encoding.hpp) and secure::kMaskedType are
// marvel's own, for peers that have agreed on them. In a message that was read it is what the
// sender has written, or empty.
struct Parameters {
  std::vector<Bytes> tensors;
  std::string tensor_type = "numpy.ndarray";
};

// --- what a server says ---

struct Reconnect {
  std::int64_t seconds = 0;  // 0: the end; otherwise come back after so long
};
// marvel's server never asks this; its client answers with its name.
struct GetProperties {  // kModern only; a 0.17 client dies on it
  Config config;
};
// Asks for a model to begin with, for a server that has none.
struct GetParameters {
  Config config;  // kModern only
};
// Train this model. Without tensors it is a question about an update that the client has already
// (client/size_report.hpp), or a stage of a secure sum (secure/messages.hpp).
struct Fit {
  Parameters parameters;
  Config config;
};
// Measure this model on the client's own data.
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
// The client's goodbye. marvel's client gives Flower's reasons: 4 (ACK) at the end, 1 (RECONNECT)
// when it will be back. marvel's server does not look at the reason.
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
// `num_examples` is the weight of the update in means by examples. It is what the client says, and
// may be negative or absurd: check_examples (server/round_arithmetic.hpp) tells.
struct FitResult {
  Outcome outcome;
  Parameters parameters;
  std::int64_t num_examples = 0;
  Config metrics;
};
// The loss has 32 bits on the wire, in both dialects.
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

// Cannot fail. Large tensors are referred to, not copied, so the result keeps their memory alive,
// and writing costs little however large the model is. Fields ascend and zeros are left out, as
// protobuf does: small messages are Flower's, byte for byte.
Bytes encode(const ServerMessage& message, Dialect dialect);
Bytes encode(const ClientMessage& message, Dialect dialect);

// Tensors refer to `bytes`' memory. Unknown fields are skipped, as protobuf does. kInput for
// damaged messages and for ones that say nothing known. Of settings with the same name, and of
// several messages in one, the last counts. Beside the memory of `bytes`, which lives as long as
// one of the tensors, only names and values cost memory.
//
// Nothing is said about the numbers: whether arrays can be read, fit the model and are finite is
// for Update::check (strategy/update.hpp), counts and losses are for server/round_arithmetic.hpp.
Result<ServerMessage> decode_server(const Bytes& bytes, Dialect dialect);
Result<ClientMessage> decode_client(const Bytes& bytes, Dialect dialect);

}  // namespace marvel::federate::wire
