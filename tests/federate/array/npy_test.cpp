#include "federate/array/npy.hpp"

#include <array>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

std::string file_of(const std::string& dictionary, const std::string& data) {
  std::string text("\x93NUMPY\x01\x00", 8);
  const std::string header = dictionary + "\n";
  text += static_cast<char>(header.size());
  text += '\0';
  return text + header + data;
}

Result<Tensor> read(const std::string& dictionary, const std::string& data) {
  return decode_npy(Bytes::from(file_of(dictionary, data)));
}

Tensor floats(Shape shape, std::vector<float> values) {
  return {Dtype::kFloat32, std::move(shape), std::move(values)};
}

}  // namespace

TEST_CASE("an array is written byte for byte as numpy writes it") {
  const std::string text = npy_text(floats({2, 2}, {1, 2, 3, 4}));
  REQUIRE(text.size() == 144);
  CHECK(text.substr(0, 69) == std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                                  "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }");
  CHECK(text.substr(69, 58) == std::string(58, ' '));
  CHECK(text[127] == '\n');
  CHECK(text.substr(128) == std::string("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40", 16));
  CHECK(npy_text(floats({}, {1.5F})).size() == 132);
  CHECK(npy_text(floats({0, 3}, {})).size() == 128);
  CHECK(npy_text({Dtype::kUint8, {2}, std::vector<double>{1, 2}}).size() == 130);
}

TEST_CASE("every element type survives the way out and back") {
  for (int i = 0; i < 12; ++i) {
    const auto dtype = static_cast<Dtype>(i);
    Tensor tensor = make_tensor(dtype, {3, 1});
    std::visit([](auto& v) { v[1] = 1; }, tensor.values);
    const auto back = decode_npy(Bytes::from(npy_text(tensor)));
    CAPTURE(dtype_name(dtype));
    REQUIRE(back.has_value());
    CHECK(back->dtype == dtype);
    CHECK(back->shape == tensor.shape);
    CHECK(back->values == tensor.values);
  }
}

TEST_CASE("big-endian elements and Fortran order are put right") {
  const auto big = read("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }",
                        std::string("\x01\x00\xff\xfe", 4));
  REQUIRE(big.has_value());
  CHECK(big->at(0) == 256);
  CHECK(big->at(1) == -2);
  const auto columns = read("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "adbecf");
  REQUIRE(columns.has_value());
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(columns->at(i) == 'a' + static_cast<double>(i));
  }
}

TEST_CASE("an array in many pieces of memory, at an odd address, reads the same") {
  const std::string text = npy_text(floats({5}, {1, -2, 3, -4, 5}));
  Bytes bytes;
  for (std::size_t at = 0; at < text.size(); at += 7) {
    bytes.append(Bytes::from(text.substr(at, 7)));
  }
  const auto tensor = decode_npy(bytes);
  REQUIRE(tensor.has_value());
  CHECK(std::get<std::vector<float>>(tensor->values) == std::vector<float>{1, -2, 3, -4, 5});
  const auto header = read_npy_header(bytes);
  std::array<double, 2> middle{};
  read_npy(bytes, *header, 2, std::span<double>(middle));
  CHECK(middle == std::array<double, 2>{3, -4});
}

TEST_CASE_TEMPLATE("a visit shows each element once, in order, until it has seen enough", T, float,
                   double) {
  const std::vector<double> values{1, -2, 3, -4, 5, -6, 7, -8, 9};
  for (const Tensor& tensor :
       {floats({9}, {values.begin(), values.end()}), Tensor{Dtype::kFloat64, {9}, values},
        Tensor{Dtype::kInt16, {9}, values}}) {
    const std::string text = npy_text(tensor);
    for (std::size_t length : {1U, 3U, 7U, 13U, 1000U}) {
      Bytes bytes = Bytes::from(text.substr(0, 3));  // so that addresses are odd
      for (std::size_t at = 3; at < text.size(); at += length) {
        bytes.append(Bytes::from(text.substr(at, length)));
      }
      const auto header = read_npy_header(bytes);
      REQUIRE(header.has_value());
      std::vector<T> seen;
      visit_npy(bytes, *header, NpyVisitor<T>([&](std::size_t first, PackedNumbers<T> run) {
                  CHECK(first == seen.size());
                  for (std::size_t i = 0; i < run.size(); ++i) {
                    seen.push_back(run[i]);
                  }
                  return true;
                }));
      CHECK(seen == std::vector<T>(values.begin(), values.end()));
      std::size_t visits = 0;
      visit_npy(bytes, *header,
                NpyVisitor<T>([&](std::size_t, PackedNumbers<T>) { return ++visits < 1; }));
      CHECK(visits == 1);
    }
  }
}

TEST_CASE("every prefix of an array is refused, and so is anything after it") {
  const std::string text = npy_text(floats({2}, {1, 2}));
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK_FALSE(decode_npy(Bytes::from(text.substr(0, length))).has_value());
  }
  CHECK_FALSE(decode_npy(Bytes::from(text + "x")).has_value());
}

TEST_CASE("headers that lie or hide a pickle are refused") {
  const std::array<const char*, 12> bad{
      "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
      "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
      "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296), }",
      "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
      "[]"};
  for (const auto* header : bad) {
    CAPTURE(header);
    const auto tensor = read(header, "abcd");
    REQUIRE_FALSE(tensor.has_value());
    CHECK(tensor.error().code == Errc::kInput);
  }
}

}  // namespace marvel::federate
