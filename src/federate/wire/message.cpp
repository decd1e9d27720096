// The tables of field numbers, then encoding, then decoding. The two dialects differ in numbers
// only, so each message is written and read once, with its dialect's row.
//
//   Parameters { repeated bytes tensors = 1; string tensor_type = 2 }
//   Scalar     oneof { double = 1; uint64 = 6; sint64 = 8; bool = 13; string = 14; bytes = 15 }
//   map entry  { string key = 1; Scalar value = 2 }
//   Status     { Code code = 1; string message = 2 }
#include "federate/wire/message.hpp"

#include "federate/wire/protobuf.hpp"

#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <utility>

namespace marvel::federate::wire {
namespace {

// Field numbers by dialect: [kLegacy, kModern]; 0 where the dialect has no such field.
using Number = std::array<std::uint32_t, 2>;

constexpr Number kReconnect{1, 1};
constexpr Number kGetParameters{2, 3};
constexpr Number kGetProperties{5, 2};
constexpr Number kFit{3, 4};
constexpr Number kEvaluate{4, 5};

constexpr Number kDisconnect{1, 1};
constexpr Number kParametersResult{2, 3};
constexpr Number kPropertiesResult{5, 2};
constexpr Number kFitResult{3, 4};
constexpr Number kEvaluateResult{4, 5};

constexpr Number kOutcome{0, 1};  // in ParametersResult, FitResult and EvaluateResult
constexpr Number kParameters{1, 2};
constexpr Number kFitExamples{2, 3};
constexpr Number kFitMetrics{5, 4};
constexpr Number kEvaluateLoss{2, 2};
constexpr Number kEvaluateExamples{1, 3};
constexpr Number kEvaluateMetrics{4, 4};

std::uint32_t of(const Number& number, Dialect dialect) {
  return number[dialect == Dialect::kLegacy ? 0 : 1];
}

tl::unexpected<Error> damaged() {
  return fail(Errc::kInput, "the message is damaged: a field has the wrong type");
}

// --- encoding ---

Bytes encode_scalar(const Scalar& scalar) {
  FieldWriter out;
  if (const auto* real = std::get_if<double>(&scalar)) {
    out.fixed64(1, std::bit_cast<std::uint64_t>(*real));
  } else if (const auto* whole = std::get_if<std::int64_t>(&scalar)) {
    out.varint(8, zigzag(*whole));
  } else if (const auto* truth = std::get_if<bool>(&scalar)) {
    out.varint(13, *truth ? 1 : 0);
  } else if (const auto* text = std::get_if<std::string>(&scalar)) {
    out.text(14, *text);
  } else {
    out.text(15, std::get<Blob>(scalar).bytes);
  }
  return out.finish();
}

void put_config(FieldWriter& out, std::uint32_t id, const Config& config) {
  for (const auto& [key, value] : config) {
    FieldWriter entry;
    entry.text(1, key);
    entry.message(2, encode_scalar(value));
    out.message(id, entry.finish());
  }
}

Bytes encode_parameters(const Parameters& parameters) {
  FieldWriter out;
  for (const auto& tensor : parameters.tensors) {
    out.message(1, tensor);
  }
  out.text(2, parameters.tensor_type);
  return out.finish();
}

void put_outcome(FieldWriter& out, const Outcome& outcome, Dialect dialect) {
  const auto id = of(kOutcome, dialect);
  if (id == 0) {
    return;
  }
  FieldWriter status;
  if (outcome.code != 0) {
    status.varint(1, static_cast<std::uint64_t>(outcome.code));
  }
  if (!outcome.message.empty()) {
    status.text(2, outcome.message);
  }
  out.message(id, status.finish());
}

void put_count(FieldWriter& out, std::uint32_t id, std::int64_t value) {
  if (value != 0) {
    out.varint(id, static_cast<std::uint64_t>(value));
  }
}

struct Encoder {
  Dialect dialect;
  FieldWriter out = {};

  Bytes wrap(const Number& number, const Bytes& content) {
    out.message(of(number, dialect), content);
    return out.finish();
  }

  Bytes operator()(const Reconnect& message) {
    FieldWriter inner;
    put_count(inner, 1, message.seconds);
    return wrap(kReconnect, inner.finish());
  }
  Bytes operator()(const GetProperties& message) {
    FieldWriter inner;
    put_config(inner, 1, message.config);
    return wrap(kGetProperties, inner.finish());
  }
  Bytes operator()(const GetParameters& message) {
    FieldWriter inner;
    if (dialect == Dialect::kModern) {
      put_config(inner, 1, message.config);
    }
    return wrap(kGetParameters, inner.finish());
  }
  Bytes operator()(const Fit& message) {
    return wrap(kFit, task(message.parameters, message.config));
  }
  Bytes operator()(const Evaluate& message) {
    return wrap(kEvaluate, task(message.parameters, message.config));
  }

  Bytes operator()(const Disconnect& message) {
    FieldWriter inner;
    put_count(inner, 1, message.reason);
    return wrap(kDisconnect, inner.finish());
  }
  // The properties' fields have the same numbers in both dialects, the status included.
  Bytes operator()(const PropertiesResult& message) {
    FieldWriter inner;
    put_outcome(inner, message.outcome, Dialect::kModern);
    put_config(inner, 2, message.properties);
    return wrap(kPropertiesResult, inner.finish());
  }
  Bytes operator()(const ParametersResult& message) {
    FieldWriter inner;
    put_outcome(inner, message.outcome, dialect);
    inner.message(of(kParameters, dialect), encode_parameters(message.parameters));
    return wrap(kParametersResult, inner.finish());
  }
  Bytes operator()(const FitResult& message) {
    FieldWriter inner;
    put_outcome(inner, message.outcome, dialect);
    inner.message(of(kParameters, dialect), encode_parameters(message.parameters));
    put_count(inner, of(kFitExamples, dialect), message.num_examples);
    put_config(inner, of(kFitMetrics, dialect), message.metrics);
    return wrap(kFitResult, inner.finish());
  }
  // Fields in ascending order of their numbers, as protobuf writes them.
  Bytes operator()(const EvaluateResult& message) {
    FieldWriter inner;
    put_outcome(inner, message.outcome, dialect);
    if (dialect == Dialect::kLegacy) {
      put_count(inner, of(kEvaluateExamples, dialect), message.num_examples);
    }
    if (message.loss != 0) {
      inner.fixed32(of(kEvaluateLoss, dialect), std::bit_cast<std::uint32_t>(message.loss));
    }
    if (dialect == Dialect::kModern) {
      put_count(inner, of(kEvaluateExamples, dialect), message.num_examples);
    }
    put_config(inner, of(kEvaluateMetrics, dialect), message.metrics);
    return wrap(kEvaluateResult, inner.finish());
  }

  static Bytes task(const Parameters& parameters, const Config& config) {
    FieldWriter inner;
    inner.message(1, encode_parameters(parameters));
    put_config(inner, 2, config);
    return inner.finish();
  }
};

// --- decoding ---

// Calls visit(field) for each field of `message`; it returns a Status.
template <class Visit>
Status each_field(const Bytes& message, const Visit& visit) {
  FieldReader reader(message);
  while (!reader.done()) {
    MARVEL_TRY(const Field field, reader.next());
    MARVEL_TRY_STATUS(visit(field));
  }
  return {};
}

Status want(const Field& field, WireType type) {
  return field.type == type ? Status{} : damaged();
}

Status read_text(const Field& field, std::string& out) {
  MARVEL_TRY_STATUS(want(field, WireType::kLength));
  out = field.bytes.text();
  return {};
}

Status read_whole(const Field& field, std::int64_t& out) {
  MARVEL_TRY_STATUS(want(field, WireType::kVarint));
  out = static_cast<std::int64_t>(field.number);
  return {};
}

Scalar from_unsigned(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return static_cast<std::int64_t>(value);
  }
  return static_cast<double>(value);
}

Status read_scalar(const Field& field, Scalar& out) {
  switch (field.id) {
    case 1:
      out = std::bit_cast<double>(field.number);
      return want(field, WireType::kFixed64);
    case 6:
      out = from_unsigned(field.number);
      return want(field, WireType::kVarint);
    case 8:
      out = unzigzag(field.number);
      return want(field, WireType::kVarint);
    case 13:
      out = field.number != 0;
      return want(field, WireType::kVarint);
    case 14:
      out = field.bytes.text();
      return want(field, WireType::kLength);
    case 15:
      out = Blob{field.bytes.text()};
      return want(field, WireType::kLength);
    default:
      return {};
  }
}

Status read_entry(const Field& entry, Config& config) {
  MARVEL_TRY_STATUS(want(entry, WireType::kLength));
  if (config.size() >= kMaxEntries) {
    return fail(Errc::kInput, "the message has too many settings or metrics");
  }
  std::string key;
  Scalar value;
  const Status read = each_field(entry.bytes, [&](const Field& field) -> Status {
    if (field.id == 1) {
      return read_text(field, key);
    }
    if (field.id == 2) {
      MARVEL_TRY_STATUS(want(field, WireType::kLength));
      return each_field(field.bytes, [&](const Field& part) { return read_scalar(part, value); });
    }
    return {};
  });
  MARVEL_TRY_STATUS(read);
  config[std::move(key)] = std::move(value);
  return {};
}

Status read_parameters(const Field& outer, Parameters& out) {
  MARVEL_TRY_STATUS(want(outer, WireType::kLength));
  out = {{}, ""};
  return each_field(outer.bytes, [&](const Field& field) -> Status {
    if (field.id == 1) {
      MARVEL_TRY_STATUS(want(field, WireType::kLength));
      if (out.tensors.size() >= kMaxTensors) {
        return fail(Errc::kInput, "the message has too many tensors");
      }
      out.tensors.push_back(field.bytes);
      return {};
    }
    return field.id == 2 ? read_text(field, out.tensor_type) : Status{};
  });
}

Status read_outcome(const Field& outer, Outcome& out) {
  MARVEL_TRY_STATUS(want(outer, WireType::kLength));
  return each_field(outer.bytes, [&](const Field& field) -> Status {
    if (field.id == 1) {
      return read_whole(field, out.code);
    }
    return field.id == 2 ? read_text(field, out.message) : Status{};
  });
}

Status read_loss(const Field& field, float& out) {
  MARVEL_TRY_STATUS(want(field, WireType::kFixed32));
  out = std::bit_cast<float>(static_cast<std::uint32_t>(field.number));
  return {};
}

// One function per message: takes one field of it.
struct FieldInto {
  Dialect dialect;

  [[nodiscard]] bool is(const Field& field, const Number& number) const {
    return field.id == of(number, dialect);
  }

  Status operator()(const Field& field, Reconnect& out) const {
    return field.id == 1 ? read_whole(field, out.seconds) : Status{};
  }
  Status operator()(const Field& field, GetProperties& out) const {
    return field.id == 1 ? read_entry(field, out.config) : Status{};
  }
  Status operator()(const Field& field, GetParameters& out) const {
    return field.id == 1 ? read_entry(field, out.config) : Status{};
  }
  Status operator()(const Field& field, Fit& out) const {
    return task(field, out.parameters, out.config);
  }
  Status operator()(const Field& field, Evaluate& out) const {
    return task(field, out.parameters, out.config);
  }
  Status operator()(const Field& field, Disconnect& out) const {
    return field.id == 1 ? read_whole(field, out.reason) : Status{};
  }
  Status operator()(const Field& field, PropertiesResult& out) const {
    if (field.id == 1) {
      return read_outcome(field, out.outcome);
    }
    return field.id == 2 ? read_entry(field, out.properties) : Status{};
  }
  Status operator()(const Field& field, ParametersResult& out) const {
    if (is(field, kOutcome)) {
      return read_outcome(field, out.outcome);
    }
    return is(field, kParameters) ? read_parameters(field, out.parameters) : Status{};
  }
  Status operator()(const Field& field, FitResult& out) const {
    if (is(field, kOutcome)) {
      return read_outcome(field, out.outcome);
    }
    if (is(field, kParameters)) {
      return read_parameters(field, out.parameters);
    }
    if (is(field, kFitExamples)) {
      return read_whole(field, out.num_examples);
    }
    return is(field, kFitMetrics) ? read_entry(field, out.metrics) : Status{};
  }
  Status operator()(const Field& field, EvaluateResult& out) const {
    if (is(field, kOutcome)) {
      return read_outcome(field, out.outcome);
    }
    if (is(field, kEvaluateLoss)) {
      return read_loss(field, out.loss);
    }
    if (is(field, kEvaluateExamples)) {
      return read_whole(field, out.num_examples);
    }
    return is(field, kEvaluateMetrics) ? read_entry(field, out.metrics) : Status{};
  }

  static Status task(const Field& field, Parameters& parameters, Config& config) {
    if (field.id == 1) {
      return read_parameters(field, parameters);
    }
    return field.id == 2 ? read_entry(field, config) : Status{};
  }
};

template <class Message>
Result<Message> decode_one(const Field& outer, Dialect dialect) {
  MARVEL_TRY_STATUS(want(outer, WireType::kLength));
  Message message;
  const FieldInto take{dialect};
  MARVEL_TRY_STATUS(
      each_field(outer.bytes, [&](const Field& field) { return take(field, message); }));
  return message;
}

// Of a oneof that stands there twice, the last one counts.
template <class Variant, class Message>
Status decode_if(const Field& outer, const Number& number, Dialect dialect,
                 std::optional<Variant>& out) {
  if (outer.id != of(number, dialect)) {
    return {};
  }
  MARVEL_TRY(out, decode_one<Message>(outer, dialect));
  return {};
}

tl::unexpected<Error> unknown_message() {
  return fail(Errc::kInput, "the message says nothing that this dialect of Flower knows");
}

}  // namespace

std::string_view dialect_name(Dialect dialect) {
  return dialect == Dialect::kLegacy ? "0.x" : "1.x";
}

std::string_view join_method(Dialect dialect) {
  return dialect == Dialect::kLegacy ? "/flower.transport.FlowerService/Join"
                                     : "/flwr.proto.FlowerService/Join";
}

Bytes encode(const ServerMessage& message, Dialect dialect) {
  return std::visit(Encoder{dialect}, message);
}

Bytes encode(const ClientMessage& message, Dialect dialect) {
  return std::visit(Encoder{dialect}, message);
}

Result<ServerMessage> decode_server(const Bytes& bytes, Dialect dialect) {
  std::optional<ServerMessage> out;
  const Status read = each_field(bytes, [&](const Field& f) -> Status {
    MARVEL_TRY_STATUS((decode_if<ServerMessage, Reconnect>(f, kReconnect, dialect, out)));
    MARVEL_TRY_STATUS((decode_if<ServerMessage, GetProperties>(f, kGetProperties, dialect, out)));
    MARVEL_TRY_STATUS((decode_if<ServerMessage, GetParameters>(f, kGetParameters, dialect, out)));
    MARVEL_TRY_STATUS((decode_if<ServerMessage, Fit>(f, kFit, dialect, out)));
    return decode_if<ServerMessage, Evaluate>(f, kEvaluate, dialect, out);
  });
  MARVEL_TRY_STATUS(read);
  if (!out) {
    return unknown_message();
  }
  return std::move(*out);
}

Result<ClientMessage> decode_client(const Bytes& bytes, Dialect dialect) {
  std::optional<ClientMessage> out;
  const Status read = each_field(bytes, [&](const Field& f) -> Status {
    MARVEL_TRY_STATUS((decode_if<ClientMessage, Disconnect>(f, kDisconnect, dialect, out)));
    MARVEL_TRY_STATUS(
        (decode_if<ClientMessage, PropertiesResult>(f, kPropertiesResult, dialect, out)));
    MARVEL_TRY_STATUS(
        (decode_if<ClientMessage, ParametersResult>(f, kParametersResult, dialect, out)));
    MARVEL_TRY_STATUS((decode_if<ClientMessage, FitResult>(f, kFitResult, dialect, out)));
    return decode_if<ClientMessage, EvaluateResult>(f, kEvaluateResult, dialect, out);
  });
  MARVEL_TRY_STATUS(read);
  if (!out) {
    return unknown_message();
  }
  return std::move(*out);
}

}  // namespace marvel::federate::wire
