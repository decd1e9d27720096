// One encoded tensor, little-endian:
//   0   1   0xD5
//   1   1   encoding: 1 float16, 2 int8, 3 top-k
//   2   8   elements n
//   10  4   float16: 0; int8: rows r, which divide n; top-k: changes k <= n
//   14      float16: n x binary16
//           int8:    r x float32 scale, then n x int8
//           top-k:   k x uint32 place, ascending, then k x float32
#include "federate/wire/update_encoding.hpp"

#include "federate/array/npy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate::wire {
namespace {

constexpr char kMark = static_cast<char>(0xD5);
constexpr std::size_t kHead = 14;
constexpr float kLargest = 127;

template <class T>
void put(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof(T));
  out.append(bytes.data(), bytes.size());
}

template <class T>
T get(const char* from) {
  T value{};
  std::memcpy(&value, from, sizeof(T));
  return value;
}

void put_head(std::string& out, UpdateEncoding encoding, std::size_t elements, std::size_t extra) {
  out.push_back(kMark);
  out.push_back(static_cast<char>(encoding));
  put(out, static_cast<std::uint64_t>(elements));
  put(out, static_cast<std::uint32_t>(extra));
}

// Rows of a matrix; a vector is one row.
std::size_t rows_of(const Shape& shape) {
  return shape.size() >= 2 && element_count(shape) > 0 ? static_cast<std::size_t>(shape[0]) : 1;
}

// --- encoding: `change` goes in and what is left out of it comes back in the same place ---

void encode_float16(std::string& out, std::span<float> change) {
  constexpr float kLargestHalf = 65504;
  for (float& value : change) {
    const auto half = float_to_half(std::clamp(value, -kLargestHalf, kLargestHalf));
    put(out, half);
    value -= half_to_float(half);
  }
}

void encode_int8(std::string& out, std::span<float> change, std::size_t rows) {
  const std::size_t width = change.size() / rows;
  std::string numbers;
  numbers.reserve(change.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const auto part = change.subspan(row * width, width);
    float largest = 0;
    for (const float value : part) {
      largest = std::max(largest, std::abs(value));
    }
    const float scale = largest / kLargest;
    put(out, scale);
    for (float& value : part) {
      const float whole =
          scale > 0 ? std::clamp(std::nearbyint(value / scale), -kLargest, kLargest) : 0;
      numbers.push_back(static_cast<char>(static_cast<std::int8_t>(whole)));
      value -= whole * scale;
    }
  }
  out += numbers;
}

void encode_top_k(std::string& out, std::span<float> change, std::size_t count) {
  std::vector<std::uint32_t> places(change.size());
  std::iota(places.begin(), places.end(), 0U);
  const auto end = places.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(places.begin(), end, places.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::abs(change[a]) > std::abs(change[b]);
  });
  std::sort(places.begin(), end);
  places.resize(count);
  for (const auto place : places) {
    put(out, place);
  }
  for (const auto place : places) {
    put(out, std::exchange(change[place], 0.0F));
  }
}

std::string encode_change(std::span<float> change, const Shape& shape, UpdateEncoding encoding,
                          double keep) {
  std::string out;
  const std::size_t elements = change.size();
  if (encoding == UpdateEncoding::kFloat16) {
    put_head(out, encoding, elements, 0);
    encode_float16(out, change);
  } else if (encoding == UpdateEncoding::kInt8) {
    put_head(out, encoding, elements, rows_of(shape));
    encode_int8(out, change, rows_of(shape));
  } else {
    const auto wanted = static_cast<std::size_t>(std::ceil(keep * static_cast<double>(elements)));
    const std::size_t count = std::min(elements, std::max<std::size_t>(1, wanted));
    put_head(out, encoding, elements, count);
    encode_top_k(out, change, count);
  }
  return out;
}

bool can_be_encoded(const Tensor& tensor) {
  return is_float(tensor.dtype) && tensor.size() <= std::numeric_limits<std::uint32_t>::max();
}

// What a training that diverged has made cannot be told by any of the encodings, and would stay in
// what is left out for ever.
bool is_finite_change(const Tensor& local, const Tensor& global, std::span<const float> left_out) {
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    if (!std::isfinite(left_out[i] + static_cast<float>(local.at(i) - global.at(i)))) {
      return false;
    }
  }
  return true;
}

// --- decoding ---

Result<std::vector<float>> decode_float16(std::string_view body, std::size_t elements) {
  if (body.size() != 2 * elements) {
    return fail(Errc::kInput, "its numbers are cut short");
  }
  std::vector<float> change(elements);
  for (std::size_t i = 0; i < elements; ++i) {
    change[i] = half_to_float(get<std::uint16_t>(body.data() + 2 * i));
  }
  return change;
}

Result<std::vector<float>> decode_int8(std::string_view body, std::size_t elements,
                                       std::size_t rows) {
  if (rows == 0 || elements % rows != 0 || body.size() != 4 * rows + elements) {
    return fail(Errc::kInput, "its rows do not fit");
  }
  std::vector<float> change(elements);
  const std::size_t width = elements / rows;
  for (std::size_t i = 0; i < elements; ++i) {
    const auto scale = get<float>(body.data() + 4 * (i / width));
    change[i] = scale * static_cast<float>(static_cast<std::int8_t>(body[4 * rows + i]));
  }
  return change;
}

Result<std::vector<float>> decode_top_k(std::string_view body, std::size_t elements,
                                        std::size_t count) {
  if (count > elements || body.size() != 8 * count) {
    return fail(Errc::kInput, "its places and numbers do not fit");
  }
  std::vector<float> change(elements);
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = get<std::uint32_t>(body.data() + 4 * i);
    if (place < next || place >= elements) {
      return fail(Errc::kInput, "its places are not in order");
    }
    next = std::uint64_t{place} + 1;
    change[place] = get<float>(body.data() + 4 * (count + i));
  }
  return change;
}

Result<std::vector<float>> decode_change(const std::string& text, std::size_t elements) {
  if (text.size() < kHead || get<std::uint64_t>(text.data() + 2) != elements) {
    return fail(Errc::kInput, fmt::format("it does not hold {} numbers", elements));
  }
  const std::size_t extra = get<std::uint32_t>(text.data() + 10);
  const auto body = std::string_view(text).substr(kHead);
  switch (static_cast<UpdateEncoding>(text[1])) {
    case UpdateEncoding::kFloat16:
      return decode_float16(body, elements);
    case UpdateEncoding::kInt8:
      return decode_int8(body, elements, extra);
    case UpdateEncoding::kTopK:
      return decode_top_k(body, elements, extra);
    case UpdateEncoding::kNone:
      break;
  }
  return fail(Errc::kInput, "its encoding is unknown");
}

Result<Bytes> decode_tensor(const Bytes& encoded, const Tensor& reference) {
  if (encoded.size() == 0 || encoded.text(0, 1)[0] != kMark) {
    return encoded;  // a .npy file, checked by who merges it
  }
  if (!is_float(reference.dtype)) {
    return fail(Errc::kInput, fmt::format("it is a change of a {}", dtype_name(reference.dtype)));
  }
  MARVEL_TRY(const auto change, decode_change(encoded.text(), reference.size()));
  const auto whole = std::make_shared<Tensor>(reference);
  std::visit(
      [&change](auto& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          values[i] += change[i];
        }
      },
      whole->values);
  return encode_npy(*whole, whole);
}

}  // namespace

std::vector<std::string> update_encoding_names() {
  return {"none", "fp16", "int8", "top-k"};
}

UpdateEncoding update_encoding_of(const std::string& name) {
  const auto names = update_encoding_names();
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? UpdateEncoding::kNone
                              : static_cast<UpdateEncoding>(found - names.begin());
}

double expected_share(UpdateEncoding encoding, double keep) {
  switch (encoding) {
    case UpdateEncoding::kNone:
      return 1;
    case UpdateEncoding::kFloat16:
      return 0.5;
    case UpdateEncoding::kInt8:
      return 0.25;
    case UpdateEncoding::kTopK:
      return 2 * keep;
  }
  return 1;
}

Result<Parameters> UpdateEncoder::encode(const Model& local, const Model& global,
                                         UpdateEncoding encoding, double keep) {
  if (local.size() != global.size()) {
    return fail(Errc::kInput,
                fmt::format("training made {} tensors of {}", local.size(), global.size()));
  }
  start_anew_if_other(local);
  Parameters parameters;
  parameters.tensor_type = kEncodedType;
  for (std::size_t t = 0; t < local.size(); ++t) {
    // Trainers that count in float64 are fine: the change is what is sent.
    const bool same_kind = local[t].dtype == global[t].dtype ||
                           (is_float(local[t].dtype) && is_float(global[t].dtype));
    if (local[t].shape != global[t].shape || !same_kind) {
      return fail(Errc::kInput, fmt::format("training changed the shape or type of tensor {}", t));
    }
    if (!can_be_encoded(local[t]) || !is_finite_change(local[t], global[t], left_out_[t])) {
      parameters.tensors.push_back(Bytes::from(npy_text(local[t])));
      continue;
    }
    auto& change = left_out_[t];
    for (std::size_t i = 0; i < change.size(); ++i) {
      change[i] += static_cast<float>(local[t].at(i) - global[t].at(i));
    }
    parameters.tensors.push_back(
        Bytes::from(encode_change(change, local[t].shape, encoding, keep)));
  }
  return parameters;
}

// What was left out of a model of another size belongs to weights that nobody can name any more.
void UpdateEncoder::start_anew_if_other(const Model& local) {
  bool same = left_out_.size() == local.size();
  for (std::size_t t = 0; t < local.size() && same; ++t) {
    same = left_out_[t].size() == (can_be_encoded(local[t]) ? local[t].size() : 0);
  }
  if (!same) {
    left_out_.clear();
    for (const auto& tensor : local) {
      left_out_.emplace_back(can_be_encoded(tensor) ? tensor.size() : 0, 0.0F);
    }
  }
}

Model UpdateEncoder::left_out() const {
  Model model;
  for (const auto& part : left_out_) {
    model.push_back({Dtype::kFloat32, {part.size()}, part});
  }
  return model;
}

void UpdateEncoder::restore(const Model& left_out) {
  left_out_.clear();
  for (const auto& part : left_out) {
    const auto* values = std::get_if<std::vector<float>>(&part.values);
    left_out_.push_back(values == nullptr ? std::vector<float>() : *values);
  }
}

Result<Parameters> decode_update(const Parameters& encoded, const Model& reference) {
  if (encoded.tensors.size() != reference.size()) {
    return fail(Errc::kInput, fmt::format("the update has {} tensors instead of {}",
                                          encoded.tensors.size(), reference.size()));
  }
  Parameters parameters;
  for (std::size_t t = 0; t < reference.size(); ++t) {
    auto tensor = decode_tensor(encoded.tensors[t], reference[t]);
    if (!tensor) {
      return fail(Errc::kInput, fmt::format("tensor {}: {}", t, tensor.error().message));
    }
    parameters.tensors.push_back(std::move(*tensor));
  }
  return parameters;
}

}  // namespace marvel::federate::wire
