#include "federate/array/npy.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

static_assert(std::endian::native == std::endian::little,
              "elements are sent as they lie in memory");

constexpr std::string_view kMagic("\x93NUMPY", 6);

tl::unexpected<Error> bad(const std::string& what) {
  return fail(Errc::kInput, "not a .npy array that can be read: " + what);
}

// --- the header's Python dictionary ---

// Letters of the type code by number of bytes, in the order of Dtype.
constexpr std::array<std::pair<std::string_view, Dtype>, 12> kCodes{{{"b1", Dtype::kBool},
                                                                     {"i1", Dtype::kInt8},
                                                                     {"i2", Dtype::kInt16},
                                                                     {"i4", Dtype::kInt32},
                                                                     {"i8", Dtype::kInt64},
                                                                     {"u1", Dtype::kUint8},
                                                                     {"u2", Dtype::kUint16},
                                                                     {"u4", Dtype::kUint32},
                                                                     {"u8", Dtype::kUint64},
                                                                     {"f2", Dtype::kFloat16},
                                                                     {"f4", Dtype::kFloat32},
                                                                     {"f8", Dtype::kFloat64}}};

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  Result<NpyHeader> read() {
    if (!take('{')) {
      return bad("the header is no dictionary");
    }
    while (!take('}')) {
      MARVEL_TRY_STATUS(entry());
      if (!take(',') && peek() != '}') {
        return bad("the header's dictionary is damaged");
      }
    }
    if (peek() != '\0' || seen_ != 7) {
      return bad("the header needs descr, fortran_order and shape, and nothing else");
    }
    return std::move(header_);
  }

 private:
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) {
      return false;
    }
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    peek();
    if (text_.substr(at_, word.size()) != word) {
      return false;
    }
    at_ += word.size();
    return true;
  }
  std::optional<std::string_view> string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') {
      return std::nullopt;
    }
    const auto end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const auto word = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return word;
  }

  Status entry() {
    const auto key = string();
    if (!key || !take(':')) {
      return bad("the header's dictionary is damaged");
    }
    const unsigned bit = *key == "descr"           ? 1
                         : *key == "fortran_order" ? 2
                         : *key == "shape"         ? 4
                                                   : 0;
    if (bit == 0 || (seen_ & bit) != 0) {
      return bad("a key of the header is unknown or there twice");
    }
    seen_ |= bit;
    return bit == 1 ? descr() : bit == 2 ? fortran_order() : shape();
  }

  Status descr() {
    const auto word = string();
    if (!word || word->size() != 3) {
      return bad("the element type is not a number");
    }
    const char order = word->front();
    if (std::string_view("<>|=").find(order) == std::string_view::npos) {
      return bad("the element type is not a number");
    }
    for (const auto& [code, dtype] : kCodes) {
      if (word->substr(1) == code) {
        header_.dtype = dtype;
        header_.big_endian = order == '>';
        return {};
      }
    }
    return bad(fmt::format("the element type '{}' is not a number", *word));
  }

  Status fortran_order() {
    if (take_word("True")) {
      header_.fortran_order = true;
    } else if (!take_word("False")) {
      return bad("fortran_order is neither True nor False");
    }
    return {};
  }

  Status shape() {
    if (!take('(')) {
      return bad("the shape is no tuple");
    }
    while (!take(')')) {
      MARVEL_TRY(const std::uint64_t extent, number());
      header_.shape.push_back(extent);
      if (header_.shape.size() > kMaxDimensions) {
        return bad("the shape has too many dimensions");
      }
      if (!take(',') && peek() != ')') {
        return bad("the shape is damaged");
      }
    }
    return {};
  }

  Result<std::uint64_t> number() {
    peek();
    std::uint64_t value = 0;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (value > (std::uint64_t{1} << 48U)) {
        return bad("the shape is too large");
      }
      value = value * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
    }
    if (at_ == begin) {
      return bad("the shape is damaged");
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned seen_ = 0;  // one bit per key
  NpyHeader header_;
};

// The bytes of all elements, or nothing when they overflow. A zero anywhere makes it zero.
std::optional<std::size_t> data_bytes(const NpyHeader& header) {
  if (std::find(header.shape.begin(), header.shape.end(), 0U) != header.shape.end()) {
    return 0;
  }
  std::size_t bytes = dtype_bytes(header.dtype);
  for (const auto extent : header.shape) {
    if (bytes > (std::numeric_limits<std::size_t>::max() >> 1U) / extent) {
      return std::nullopt;
    }
    bytes *= extent;
  }
  return bytes;
}

// --- elements ---

template <class Stored>
Stored load(const char* from, bool big_endian) {
  std::array<char, sizeof(Stored)> bytes{};
  std::memcpy(bytes.data(), from, sizeof(Stored));
  if (big_endian) {
    std::reverse(bytes.begin(), bytes.end());
  }
  return std::bit_cast<Stored>(bytes);
}

template <class Stored, class Out, class Convert>
void convert(const char* raw, bool big_endian, std::span<Out> out, const Convert& as_number) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<Out>(as_number(load<Stored>(raw + i * sizeof(Stored), big_endian)));
  }
}

// `raw` holds out.size() elements as they lie in the file.
template <class Out>
void convert_elements(const NpyHeader& header, const char* raw, std::span<Out> out) {
  const auto plain = [](auto value) { return value; };
  const bool swap = header.big_endian;
  switch (header.dtype) {
    case Dtype::kBool:
      return convert<std::uint8_t>(raw, swap, out, [](std::uint8_t v) { return v != 0 ? 1 : 0; });
    case Dtype::kInt8:
      return convert<std::int8_t>(raw, swap, out, plain);
    case Dtype::kInt16:
      return convert<std::int16_t>(raw, swap, out, plain);
    case Dtype::kInt32:
      return convert<std::int32_t>(raw, swap, out, plain);
    case Dtype::kInt64:
      return convert<std::int64_t>(raw, swap, out, plain);
    case Dtype::kUint8:
      return convert<std::uint8_t>(raw, swap, out, plain);
    case Dtype::kUint16:
      return convert<std::uint16_t>(raw, swap, out, plain);
    case Dtype::kUint32:
      return convert<std::uint32_t>(raw, swap, out, plain);
    case Dtype::kUint64:
      return convert<std::uint64_t>(raw, swap, out, plain);
    case Dtype::kFloat16:
      return convert<std::uint16_t>(raw, swap, out, half_to_float);
    case Dtype::kFloat32:
      return convert<float>(raw, swap, out, plain);
    case Dtype::kFloat64:
      return convert<double>(raw, swap, out, plain);
  }
}

// Where element `index` of C order lies in Fortran order.
std::size_t fortran_position(const Shape& shape, std::size_t index) {
  std::size_t position = 0;
  std::size_t stride = 1;
  for (const auto extent : shape) {
    stride *= extent;
  }
  // From the last axis, which varies fastest in C order and slowest in Fortran order.
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    stride /= shape[axis];
    position += (index % shape[axis]) * stride;
    index /= shape[axis];
  }
  return position;
}

// Whether the elements are an Out each, in C order.
template <class Out>
bool lies_as(const NpyHeader& header) {
  constexpr Dtype kSame = sizeof(Out) == 4 ? Dtype::kFloat32 : Dtype::kFloat64;
  return header.dtype == kSame && !header.big_endian &&
         (!header.fortran_order || header.shape.size() < 2);
}

template <class Out>
void read_any(const Bytes& file, const NpyHeader& header, std::size_t first, std::span<Out> out) {
  if (lies_as<Out>(header)) {
    file.copy(header.data_offset + first * sizeof(Out), out.size_bytes(),
              reinterpret_cast<char*>(out.data()));
    return;
  }
  constexpr std::size_t kBlock = 4096;  // elements; at most 32 KiB of stack
  std::array<char, kBlock * 8> raw;     // NOLINT(*-member-init): written before it is read
  const std::size_t width = dtype_bytes(header.dtype);
  for (std::size_t done = 0; done < out.size();) {
    const std::size_t count = std::min(kBlock, out.size() - done);
    if (!header.fortran_order || header.shape.size() < 2) {
      file.copy(header.data_offset + (first + done) * width, count * width, raw.data());
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        const auto position = fortran_position(header.shape, first + done + i);
        file.copy(header.data_offset + position * width, width, raw.data() + i * width);
      }
    }
    convert_elements(header, raw.data(), out.subspan(done, count));
    done += count;
  }
}

template <class T>
void visit_in_place(const Bytes& file, const NpyHeader& header, const NpyVisitor<T>& visit) {
  const std::size_t count = element_count(header.shape);
  std::array<char, sizeof(T)> element{};
  for (std::size_t first = 0; first < count;) {
    const std::size_t offset = header.data_offset + first * sizeof(T);
    PackedNumbers<T> run(file.run(offset).substr(0, (count - first) * sizeof(T)));
    if (run.size() == 0) {  // one that lies across pieces
      file.copy(offset, element.size(), element.data());
      run = PackedNumbers<T>(std::string_view(element.data(), element.size()));
    }
    if (!visit(first, run)) {
      return;
    }
    first += run.size();
  }
}

template <class T>
void visit_any(const Bytes& file, const NpyHeader& header, const NpyVisitor<T>& visit) {
  if (lies_as<T>(header)) {
    return visit_in_place(file, header, visit);
  }
  constexpr std::size_t kBlock = 2048;  // elements that stay in the processor for the visitor
  std::array<T, kBlock> block{};
  const std::size_t count = element_count(header.shape);
  for (std::size_t first = 0; first < count; first += kBlock) {
    const auto part = std::span(block).first(std::min(kBlock, count - first));
    read_any(file, header, first, part);
    if (!visit(first, std::span<const T>(part))) {
      return;
    }
  }
}

template <class Stored>
void store(std::string& out, Stored value) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(Stored)>>(value);
  out.append(bytes.data(), bytes.size());
}

void store_element(std::string& out, Dtype dtype, double raw_value) {
  const double value = fit_to(dtype, raw_value);
  switch (dtype) {
    case Dtype::kBool:
    case Dtype::kUint8:
      return store(out, static_cast<std::uint8_t>(value));
    case Dtype::kInt8:
      return store(out, static_cast<std::int8_t>(value));
    case Dtype::kInt16:
      return store(out, static_cast<std::int16_t>(value));
    case Dtype::kInt32:
      return store(out, static_cast<std::int32_t>(value));
    case Dtype::kInt64:
      return store(out, static_cast<std::int64_t>(value));
    case Dtype::kUint16:
      return store(out, static_cast<std::uint16_t>(value));
    case Dtype::kUint32:
      return store(out, static_cast<std::uint32_t>(value));
    case Dtype::kUint64:
      return store(out, static_cast<std::uint64_t>(value));
    case Dtype::kFloat16:
      return store(out, float_to_half(static_cast<float>(value)));
    case Dtype::kFloat32:
      return store(out, static_cast<float>(value));
    case Dtype::kFloat64:
      return store(out, value);
  }
}

std::string_view raw_view(const Tensor& tensor) {
  return std::visit(
      [](const auto& v) {
        return std::string_view(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(v[0]));
      },
      tensor.values);
}

// Whether memory holds the elements exactly as the file does.
bool lies_as_stored(Dtype dtype) {
  return dtype == Dtype::kFloat32 || dtype == Dtype::kFloat64;
}

std::string stored_elements(const Tensor& tensor) {
  std::string elements;
  elements.reserve(tensor.size() * dtype_bytes(tensor.dtype));
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    store_element(elements, tensor.dtype, tensor.at(i));
  }
  return elements;
}

}  // namespace

Result<NpyHeader> read_npy_header(const Bytes& file) {
  if (file.size() < 10 || file.text(0, 6) != kMagic) {
    return bad("it does not begin with numpy's magic bytes");
  }
  const std::string version = file.text(6, 2);
  if (version[0] < 1 || version[0] > 3 || version[1] != 0) {
    return bad("its version is not 1.0, 2.0 or 3.0");
  }
  const std::size_t width = version[0] == 1 ? 2 : 4;
  if (file.size() < 8 + width) {
    return bad("it is cut short");
  }
  std::size_t length = 0;
  const std::string digits = file.text(8, width);
  for (std::size_t i = width; i-- > 0;) {
    length = length << 8U | static_cast<unsigned char>(digits[i]);
  }
  if (length > kMaxNpyHeader || length > file.size() - 8 - width) {
    return bad("its header is cut short or too long");
  }
  const std::string text = file.text(8 + width, length);
  MARVEL_TRY(NpyHeader header, HeaderReader(text).read());
  header.data_offset = 8 + width + length;
  const auto wanted = data_bytes(header);
  const std::size_t there = file.size() - header.data_offset;
  if (!wanted || *wanted != there) {
    return bad(fmt::format("the shape {} of {} does not fit the {} bytes that follow",
                           shape_text(header.shape), dtype_name(header.dtype), there));
  }
  return header;
}

void read_npy(const Bytes& file, const NpyHeader& header, std::size_t first, std::span<float> out) {
  read_any(file, header, first, out);
}

void read_npy(const Bytes& file, const NpyHeader& header, std::size_t first,
              std::span<double> out) {
  read_any(file, header, first, out);
}

void visit_npy(const Bytes& file, const NpyHeader& header, const NpyVisitor<float>& visit) {
  visit_any(file, header, visit);
}

void visit_npy(const Bytes& file, const NpyHeader& header, const NpyVisitor<double>& visit) {
  visit_any(file, header, visit);
}

Result<Tensor> decode_npy(const Bytes& file) {
  MARVEL_TRY(const NpyHeader header, read_npy_header(file));
  Tensor tensor = make_tensor(header.dtype, header.shape);
  std::visit([&](auto& values) { read_any(file, header, 0, std::span(values)); }, tensor.values);
  return tensor;
}

std::string npy_header(Dtype dtype, const Shape& shape) {
  const auto code = kCodes[static_cast<std::size_t>(dtype)].first;
  const char order = dtype_bytes(dtype) == 1 ? '|' : '<';
  std::string text = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}",
                                 order, code, shape_text(shape));
  const std::size_t begin = kMagic.size() + 4;
  text.append((64 - (begin + text.size() + 1) % 64) % 64, ' ');
  text += '\n';
  MARVEL_CHECK(text.size() < 65536, "npy: header beyond version 1.0");
  std::string header(kMagic);
  header += '\x01';
  header += '\0';
  header += static_cast<char>(text.size() & 0xffU);
  header += static_cast<char>(text.size() >> 8U);
  return header + text;
}

Bytes encode_npy(const Tensor& tensor, const std::shared_ptr<const void>& owner) {
  Bytes file = Bytes::from(npy_header(tensor.dtype, tensor.shape));
  if (lies_as_stored(tensor.dtype)) {
    file.append({raw_view(tensor), owner});
  } else {
    file.append(Bytes::from(stored_elements(tensor)));
  }
  return file;
}

std::string npy_text(const Tensor& tensor) {
  std::string text = npy_header(tensor.dtype, tensor.shape);
  if (lies_as_stored(tensor.dtype)) {
    text += raw_view(tensor);
  } else {
    text += stored_elements(tensor);
  }
  return text;
}

}  // namespace marvel::federate
