#include "federate/strategy/update.hpp"

#include "federate/array/number_loops.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

constexpr std::size_t kBlock = 2048;  // elements that are unpacked at a time

// As numbers of type T, the one they will be added up in: 1e300 is finite as double only.
template <class T>
bool is_finite_as(const Bytes& file, const NpyHeader& header) {
  std::array<T, kBlock> block{};
  const std::size_t count = element_count(header.shape);
  for (std::size_t first = 0; first < count; first += kBlock) {
    const auto part = std::span(block).first(std::min(kBlock, count - first));
    read_npy(file, header, first, part);
    if (!all_within(std::span<const T>(part), std::numeric_limits<T>::max())) {
      return false;
    }
  }
  return true;
}

bool is_finite(const Bytes& file, const NpyHeader& header, const Tensor& wanted) {
  if (!is_float(header.dtype)) {
    return true;
  }
  return held_as_float(wanted.dtype) ? is_finite_as<float>(file, header)
                                     : is_finite_as<double>(file, header);
}

Status check_tensor(const Bytes& file, const NpyHeader& header, const Tensor& wanted,
                    std::size_t index) {
  if (header.shape != wanted.shape) {
    return fail(Errc::kInput, fmt::format("tensor {} has shape {} instead of {}", index,
                                          shape_text(header.shape), shape_text(wanted.shape)));
  }
  if (is_float(header.dtype) != is_float(wanted.dtype)) {
    return fail(Errc::kInput, fmt::format("tensor {} is {} instead of {}", index,
                                          dtype_name(header.dtype), dtype_name(wanted.dtype)));
  }
  if (!is_finite(file, header, wanted)) {
    return fail(Errc::kInput, fmt::format("tensor {} holds NaN or infinite values", index));
  }
  return {};
}

Error at_tensor(std::size_t index, Error error) {
  error.message = fmt::format("tensor {}: {}", index, error.message);
  return error;
}

}  // namespace

Result<Update> Update::check(const wire::Parameters& parameters, const Model& reference) {
  if (parameters.tensors.size() != reference.size()) {
    return fail(Errc::kInput, fmt::format("the model has {} tensors instead of {}",
                                          parameters.tensors.size(), reference.size()));
  }
  Update update;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    auto header = read_npy_header(parameters.tensors[i]);
    if (!header) {
      return fail(at_tensor(i, std::move(header.error())));
    }
    MARVEL_TRY_STATUS(check_tensor(parameters.tensors[i], *header, reference[i], i));
    update.headers_.push_back(std::move(*header));
    update.files_.push_back(parameters.tensors[i]);
  }
  return update;
}

void Update::read(std::size_t index, std::size_t first, std::span<float> out) const {
  read_npy(files_[index], headers_[index], first, out);
}

void Update::read(std::size_t index, std::size_t first, std::span<double> out) const {
  read_npy(files_[index], headers_[index], first, out);
}

double squared_distance(const Update& update, const Model& model) {
  std::array<double, kBlock> block{};
  double sum = 0;
  for (std::size_t t = 0; t < model.size(); ++t) {
    for (std::size_t first = 0; first < model[t].size(); first += kBlock) {
      const auto part = std::span(block).first(std::min(kBlock, model[t].size() - first));
      update.read(t, first, part);
      for (std::size_t i = 0; i < part.size(); ++i) {
        const double difference = part[i] - model[t].at(first + i);
        sum += difference * difference;
      }
    }
  }
  return sum;
}

Result<Model> decode_parameters(const wire::Parameters& parameters) {
  Model model;
  for (std::size_t i = 0; i < parameters.tensors.size(); ++i) {
    auto tensor = decode_npy(parameters.tensors[i]);
    if (!tensor) {
      return fail(at_tensor(i, std::move(tensor.error())));
    }
    model.push_back(std::move(*tensor));
  }
  MARVEL_TRY_STATUS(Update::check(parameters, model));
  return model;
}

wire::Parameters encode_parameters(const std::shared_ptr<const Model>& model) {
  wire::Parameters parameters;
  for (const auto& tensor : *model) {
    parameters.tensors.push_back(encode_npy(tensor, model));
  }
  return parameters;
}

}  // namespace marvel::federate
