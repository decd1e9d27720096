#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"
#include "federate/array/number_loops.hpp"
#include "federate/array/tensor.hpp"

#include <cstdint>
#include <functional>
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
//
// The descr is order, kind and bytes: '<' and '>' name the byte order; '|' and '=' are read as
// little-endian. What is written has version 1.0, little-endian, C order.
//
// A reader that needs the elements in portions calls read_npy_header once and then read_npy for one
// block after the other; decode_npy does both for the whole array. Nothing here keeps state, so any
// thread may call any of it.
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
// follow. kInput, saying what is wrong, for everything else; kInput for element types that are not
// numbers ("|O" would be a pickle). Costs a copy of the header, at most kMaxNpyHeader bytes, and
// does not look at the elements, so NaN and infinities pass.
Result<NpyHeader> read_npy_header(const Bytes& file);

// Elements [first, first + out.size()) of the array in C order, converted. `header` must come from
// read_npy_header of the same file and the range must lie in the array.
// Read as float, whole numbers beyond 2^24 are rounded and a float64 out of range becomes infinite.
// An array of just this type in C order is one copy; others are converted in blocks of 4096
// elements, and Fortran order of two dimensions or more looks up every element by itself.
void read_npy(const Bytes& file, const NpyHeader& header, std::size_t first, std::span<float> out);
void read_npy(const Bytes& file, const NpyHeader& header, std::size_t first, std::span<double> out);

// Gets a run of elements and the index of its first one. False ends the visit.
template <class T>
using NpyVisitor = std::function<bool(std::size_t first, PackedNumbers<T> run)>;

// Shows all elements in C order, run after run, converted as by read_npy but without a copy where
// an array of just this type lies in C order: then a run ends with the piece of memory that it is
// in. Other runs are of 2048 elements at most.
void visit_npy(const Bytes& file, const NpyHeader& header, const NpyVisitor<float>& visit);
void visit_npy(const Bytes& file, const NpyHeader& header, const NpyVisitor<double>& visit);

// The whole array, held as Tensor says. Memory follows the elements that are really in `file`.
// kInput as for read_npy_header.
Result<Tensor> decode_npy(const Bytes& file);

// What stands before the elements of a little-endian array in C order; its length is a multiple of
// 64.
std::string npy_header(Dtype dtype, const Shape& shape);

// The whole file. The elements of a float32 or float64 tensor are not copied: the result refers to
// them, and `owner` keeps them alive. Without an owner the tensor must outlive the result. Of other
// types each value is written as the nearest one that the type holds (fit_to).
Bytes encode_npy(const Tensor& tensor, const std::shared_ptr<const void>& owner);
// The same as a text of its own.
std::string npy_text(const Tensor& tensor);

}  // namespace marvel::federate
