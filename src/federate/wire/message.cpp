#include "federate/wire/message.hpp"

#include "federate/wire/message_fields.hpp"
#include "federate/wire/protobuf.hpp"

#include <bit>

namespace marvel::federate::wire {
namespace {

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

}  // namespace marvel::federate::wire
