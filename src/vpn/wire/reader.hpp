#pragma once

#include "vpn/bytes.hpp"
#include "vpn/wire/endpoint.hpp"

#include <algorithm>
#include <vector>

namespace marvel::vpn {

// Reads fields of bytes that nobody vouches for. After the first read beyond the end every read
// gives zeros and ok() is false, so a decoder reads everything first and asks once.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes), size_(bytes.size()) {}

  template <class Number>
  Number number() {
    const Bytes field = take(sizeof(Number));
    return field.empty() ? Number{0} : load_le<Number>(field.data());
  }
  template <std::size_t N>
  Block<N> block() {
    Block<N> value{};
    const Bytes field = take(N);
    std::copy(field.begin(), field.end(), value.begin());
    return value;
  }
  // Empty when so many bytes are not there.
  Bytes take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes field = rest_.first(size);
    rest_ = rest_.subspan(size);
    return field;
  }
  Endpoint endpoint() {
    Endpoint value;
    value.address = block<16>();
    value.port = number<std::uint16_t>();
    return value;
  }
  // For a decoder that has found a value out of range.
  void refuse() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }
  // Bytes so far.
  [[nodiscard]] std::size_t read() const { return size_ - rest_.size(); }
  // Whether everything was read and nothing is left over.
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  Bytes rest_;
  std::size_t size_;
  bool ok_ = true;
};

class Writer {
 public:
  template <class Number>
  void number(Number value) {
    Block<sizeof(Number)> field{};
    store_le(field.data(), value);
    bytes(field);
  }
  void bytes(Bytes field) { out_.insert(out_.end(), field.begin(), field.end()); }
  void endpoint(const Endpoint& value) {
    bytes(value.address);
    number(value.port);
  }
  std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  std::vector<std::uint8_t> out_;
};

}  // namespace marvel::vpn
