#include "federate/strategy/update.hpp"

#include "federate/array/number_loops.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

constexpr std::size_t kUnpacked = 2048;  // elements that are unpacked at a time

// As numbers of type T, the one they will be added up in: 1e300 is finite as double only. NaN where
// one is.
template <class T>
double largest_as(const Bytes& file, const NpyHeader& header) {
  T found = 0;
  visit_npy(file, header, NpyVisitor<T>([&found](std::size_t, PackedNumbers<T> run) {
              const T most = largest(run);
              if (!(most <= found)) {
                found = most;
              }
              return std::isfinite(found);
            }));
  return static_cast<double>(found);
}

double largest_of(const Bytes& file, const NpyHeader& header, const Tensor& wanted) {
  if (!is_float(header.dtype)) {
    return 0;
  }
  return held_as_float(wanted.dtype) ? largest_as<float>(file, header)
                                     : largest_as<double>(file, header);
}

// Of the numbers in which a tensor of this type is added up.
double greatest(Dtype dtype) {
  return held_as_float(dtype) ? static_cast<double>(std::numeric_limits<float>::max())
                              : std::numeric_limits<double>::max();
}

Status check_largest(const Update& update, const Model& like, double factor, auto most_of) {
  for (std::size_t t = 0; t < update.tensors(); ++t) {
    if (!(update.largest(t) * factor <= most_of(like[t].dtype))) {
      return fail(Errc::kInput,
                  fmt::format("tensor {} holds {:.2g}, which is too large to be merged", t,
                              update.largest(t)));
    }
  }
  return {};
}

// Returns the largest |element|.
Result<double> check_tensor(const Bytes& file, const NpyHeader& header, const Tensor& wanted,
                            std::size_t index) {
  if (header.shape != wanted.shape) {
    return fail(Errc::kInput, fmt::format("tensor {} has shape {} instead of {}", index,
                                          shape_text(header.shape), shape_text(wanted.shape)));
  }
  if (is_float(header.dtype) != is_float(wanted.dtype)) {
    return fail(Errc::kInput, fmt::format("tensor {} is {} instead of {}", index,
                                          dtype_name(header.dtype), dtype_name(wanted.dtype)));
  }
  constexpr double kGreatestHalf = 65504;
  const double found = largest_of(file, header, wanted);
  const double most = wanted.dtype == Dtype::kFloat16 ? kGreatestHalf : greatest(wanted.dtype);
  if (!(found <= most)) {
    return fail(Errc::kInput, fmt::format("tensor {} holds NaN or infinite values", index));
  }
  return found;
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
    MARVEL_TRY(const double largest, check_tensor(parameters.tensors[i], *header, reference[i], i));
    update.largest_.push_back(largest);
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

void Update::visit(std::size_t index, const NpyVisitor<float>& visitor) const {
  visit_npy(files_[index], headers_[index], visitor);
}

void Update::visit(std::size_t index, const NpyVisitor<double>& visitor) const {
  visit_npy(files_[index], headers_[index], visitor);
}

Status check_summable(const Update& update, const Model& like, double factor) {
  constexpr double kRoom = 1 << 20;
  return check_largest(update, like, factor, [](Dtype dtype) { return greatest(dtype) / kRoom; });
}

// A step is the difference of two values.
Status check_squarable(const Update& update, const Model& like) {
  return check_largest(update, like, 4, [](Dtype dtype) { return std::sqrt(greatest(dtype)); });
}

double squared_distance(const Update& update, const Model& model) {
  std::array<double, kUnpacked> block{};
  double sum = 0;
  for (std::size_t t = 0; t < model.size(); ++t) {
    for (std::size_t first = 0; first < model[t].size(); first += kUnpacked) {
      const auto part = std::span(block).first(std::min(kUnpacked, model[t].size() - first));
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
