#pragma once

#include "vpn/bytes.hpp"
#include "vpn/wire/endpoint.hpp"

#include <algorithm>
#include <vector>

namespace marvel::vpn {

// Reads fields of bytes that nobody vouches for. After the first read beyond the end every read
// gives zeros and ok() is false, so a decoder reads everything first and asks once.
//
//   Reader in(bytes);
//   const auto token = in.number<std::uint64_t>();
//   const Bytes rest = in.take(in.number<std::uint16_t>());
//   return in.done() ? std::optional(Message{token, rest}) : std::nullopt;
//
// Whole numbers are little endian. Nothing is copied or allocated but what a call returns by value,
// and no read goes beyond the bytes, whatever they say. `bytes` must live as long as the reader and
// what take() gave. Loops over a count that was read need a limit of their own.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes), size_(bytes.size()) {}

  // Of sizeof(Number) bytes; 0 where they are not there.
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
  // A view of the next bytes. Empty when so many are not there, and then nothing more is read.
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
  // Address of 16 bytes and port, as control messages have them.
  Endpoint endpoint() {
    Endpoint value;
    value.address = block<16>();
    value.port = number<std::uint16_t>();
    return value;
  }
  // For a decoder that has found a value out of range: ok() and done() are false from here on.
  void refuse() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }
  // Bytes so far; after a read beyond the end all of them.
  [[nodiscard]] std::size_t read() const { return size_ - rest_.size(); }
  // Whether everything was read and nothing is left over.
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  Bytes rest_;
  std::size_t size_;
  bool ok_ = true;
};

// The other direction: puts fields behind each other. It grows as needed and never fails; a value
// that must fit a smaller field is the caller's to check.
//
//   Writer out;
//   out.number(std::uint16_t{4});   // the type decides how many bytes
//   out.bytes(text);
//   return out.take();
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
  // What was written, once: the writer is empty then.
  std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  std::vector<std::uint8_t> out_;
};

}  // namespace marvel::vpn
