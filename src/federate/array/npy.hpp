#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"
#include "federate/array/tensor.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace marvel::federate {

// One array in numpy's .npy format (numpy's own description: numpy.lib.format), as Flower puts
// each tensor into a message:
//   0   6 bytes   93 'N' 'U' 'M' 'P' 'Y'
//   6   2 bytes   version: 1 0, 2 0 or 3 0
//   8   2 bytes   header length, little-endian (4 bytes in versions 2 and 3)
//   …   header    {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } padded with blanks
//                 to a multiple of 64 and ended by a line end
//   …   elements  without alignment
struct NpyHeader {
  Dtype dtype = Dtype::kFloat32;
  bool big_endian = false;
  bool fortran_order = false;
  Shape shape;
  std::size_t data_offset = 0;  // of the first element in the file
};

// Longest header that is read, and most dimensions; numpy itself has at most 64.
inline constexpr std::size_t kMaxNpyHeader = 65536;
inline constexpr std::size_t kMaxDimensions = 64;

// Reads the header and holds it against the size of `file`: exactly the elements it announces must
// follow. kInput, saying what is wrong, for everything else; kInput for element types that are
// not numbers ("|O" would be a pickle).
Result<NpyHeader> read_npy_header(const Bytes& file);

// Elements [first, first + out.size()) of the array in C order, converted. `header` must come from
// read_npy_header of the same file and the range must lie in the array.
void read_npy(const Bytes& file, const NpyHeader& header, std::size_t first, std::span<float> out);
void read_npy(const Bytes& file, const NpyHeader& header, std::size_t first, std::span<double> out);

Result<Tensor> decode_npy(const Bytes& file);

// What stands before the elements of a little-endian array in C order.
std::string npy_header(Dtype dtype, const Shape& shape);

// The whole file. The elements of a float32 or float64 tensor are not copied: the result refers to
// them, and `owner` keeps them alive.
Bytes encode_npy(const Tensor& tensor, const std::shared_ptr<const void>& owner);
// The same as a text of its own.
std::string npy_text(const Tensor& tensor);

}  // namespace marvel::federate
