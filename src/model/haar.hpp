#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marvel::model {

// What a network sees of an image: its pixels, or the Haar wavelet coefficients of the same image,
// as many as there are pixels. Words of --inputs: "pixels", "haar".
enum class InputBasis { kPixels, kHaar };

// How images become the inputs of a network; a saved model needs it to do the same.
struct InputForm {
  InputBasis basis = InputBasis::kPixels;
  int rows = 0;
  int columns = 0;
};

// Two-dimensional Haar wavelet of an image (Mallat, IEEE PAMI 11 (7), 1989), of two levels where
// both sides divide by four, of one where they divide by two.
//
// A level turns each 2 x 2 square, a b over c d, into four sums:
//   mean a + b + c + d,  left - right a - b + c - d,  top - bottom a + b - c - d,
//   diagonal a - b - c + d
// and the next level does the same to the means. It is a change of basis: no parameters, nothing is
// lost, and an image costs only additions. Neighbouring pixels say nearly the same, these numbers
// do not, so a network that may keep 280 of 784 inputs loses less by them
// (docs/design/003-recipe.md).
//
// Inputs are numbered band by band, coarsest level first: means, left - right, top - bottom,
// diagonal, then the three bands of differences of the next level. A band is row-major. For 28 x
// 28:
//   0, 49, 98, 147   four bands of 7 x 7, from squares of 4 x 4 pixels
//   196, 392, 588    three bands of 14 x 14, from squares of 2 x 2
// Immutable; any thread may call anything.
class HaarTransform {
 public:
  // 0 where there is none because a side is odd.
  static int levels_of(int rows, int columns);
  // An input depends on one square of so many pixels by as many, and such a square's inputs are
  // those of a small image that is transformed on its own. 1 where there is no transform.
  static int square_side(int rows, int columns) { return 1 << levels_of(rows, columns); }
  // Where the inputs of an image are found when its squares are transformed one by one, row-major,
  // and their inputs written one square after the other.
  static std::vector<std::int64_t> places_in_squares(int rows, int columns);
  // What a coefficient of `level` (1 is the finest) is multiplied by to be an input, a power of
  // two: in terms of means over its square, 2 for the coarsest level, an eighth of that for each
  // finer one. The finer the detail, the smaller the number, and so the less it is learned by
  // heart.
  static float gain(int level, int levels);

  // levels_of(rows, columns) must be at least 1.
  HaarTransform(int rows, int columns);

  // Where an input is found in the transform of an image, and by what it is multiplied there.
  struct Place {
    std::int32_t index = 0;
    float factor = 1.0F;
  };
  // For an image that was transformed as it is; and for its mirror image (left and right), whose
  // coefficients are those of the image in another order, some with the other sign.
  [[nodiscard]] const Place& place(std::int32_t input) const {
    return plain_[static_cast<std::size_t>(input)];
  }
  [[nodiscard]] const Place& mirrored(std::int32_t input) const {
    return mirrored_[static_cast<std::size_t>(input)];
  }

  // All coefficients of the image at `pixels`, whose rows lie `stride` bytes apart, before any
  // factor: whole numbers of at most 16 x 255. `out` has room for buffer_size() numbers; the first
  // rows x columns are the coefficients, the rest is scratch.
  void apply(const std::uint8_t* pixels, std::size_t stride, float* out) const;
  [[nodiscard]] std::size_t buffer_size() const { return count_ + count_ / 4; }

 private:
  int rows_;
  int columns_;
  int levels_;
  std::size_t count_;
  std::vector<Place> plain_;
  std::vector<Place> mirrored_;
};

// Multiply-accumulates by which a saved model makes the inputs of one image: a product per square,
// and none for pixels.
std::uint64_t input_macs(const InputForm& form);

}  // namespace marvel::model
