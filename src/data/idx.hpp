#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::data {

// One IDX array of unsigned bytes, the format of MNIST and its relatives
// (http://yann.lecun.com/exdb/mnist). Signed bytes, shorts and floats, which the format has too,
// are in none of the data sets that are read here.
//   offset 0  2 bytes 00 00
//          2  1 byte  08, the element type "unsigned byte" (others are refused)
//          3  1 byte  number of dimensions, 1 to 4
//          4  4 bytes big-endian per dimension
//          …  the elements, last dimension fastest
// Images of MNIST have the shape {60000, 28, 28}, labels {60000}.
struct IdxArray {
  std::vector<std::uint32_t> shape;  // each >= 1
  std::vector<std::uint8_t> values;  // product of shape elements
};

// Largest array that is accepted, in bytes: a bound for hostile headers, 17 times MNIST's
// training images.
inline constexpr std::uint64_t kMaxIdxBytes = 800'000'000;

// Decodes `bytes`, plain or gzip'd (told apart by content). `name` stands in messages. Memory grows
// with the data that is really there, never with what the header claims. kInput: wrong magic,
// truncated, trailing bytes, damaged gzip, larger than kMaxIdxBytes. A shape with a 0 in it is
// refused, too. Of a gzip file the first member is read. `bytes` must only live during the call.
// The source is not trusted: a fuzz target runs this function.
//
// `dimensions`: how many the array must have; 0 takes any.
Result<IdxArray> parse_idx(std::string_view bytes, const std::string& name, int dimensions = 0);

}  // namespace marvel::data
