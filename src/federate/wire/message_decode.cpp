#include "base/utf8.hpp"
#include "federate/wire/message.hpp"
#include "federate/wire/message_fields.hpp"
#include "federate/wire/protobuf.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <utility>

namespace marvel::federate::wire {
namespace {

tl::unexpected<Error> damaged() {
  return fail(Errc::kInput, "the message is damaged: a field has the wrong type");
}

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

// It goes into logs, reports and onto terminals.
Status read_remark(const Field& field, std::string& out) {
  MARVEL_TRY_STATUS(want(field, WireType::kLength));
  constexpr std::size_t kMost = 200;
  constexpr std::size_t kBytes = 4 * kMost + 1;  // enough for as many characters, and for one more
  out = shown_text(field.bytes.text(0, std::min(field.bytes.size(), kBytes)), kMost);
  return {};
}

Status read_outcome(const Field& outer, Outcome& out) {
  MARVEL_TRY_STATUS(want(outer, WireType::kLength));
  return each_field(outer.bytes, [&](const Field& field) -> Status {
    if (field.id == 1) {
      return read_whole(field, out.code);
    }
    return field.id == 2 ? read_remark(field, out.message) : Status{};
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
