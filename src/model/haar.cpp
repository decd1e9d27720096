#include "model/haar.hpp"

#include "base/check.hpp"
#include "model/dense_kernels.hpp"

#include <cmath>

namespace marvel::model {
namespace {

constexpr int kMostLevels = 2;

// Which of a level's four bands; those that compare left and right change their sign in a mirror.
enum Band { kMean, kLeftRight, kTopBottom, kDiagonal, kBands };

bool turns_with_mirror(int band) {
  return band == kLeftRight || band == kDiagonal;
}

}  // namespace

int HaarTransform::levels_of(int rows, int columns) {
  int levels = 0;
  while (levels < kMostLevels && rows > 0 && columns > 0 && rows % 2 == 0 && columns % 2 == 0) {
    rows /= 2;
    columns /= 2;
    ++levels;
  }
  return levels;
}

float HaarTransform::gain(int level, int levels) {
  constexpr int kCoarsest = 1;  // 2^1
  constexpr int kPerLevel = 3;  // 2^3 = 8
  const int log_of_square = 2 * level;
  return std::ldexp(1.0F, kCoarsest - kPerLevel * (levels - level) - log_of_square);
}

std::vector<std::int64_t> HaarTransform::places_in_squares(int rows, int columns) {
  const int levels = levels_of(rows, columns);
  const int side = square_side(rows, columns);
  std::vector<std::int64_t> places;
  int band_begin = 0;  // in a square's inputs
  for (int level = levels; level >= 1; --level) {
    const int width = side >> level;  // of a band, in a square
    for (int band = level == levels ? kMean : kLeftRight; band < kBands; ++band) {
      for (int row = 0; row < rows >> level; ++row) {
        for (int column = 0; column < columns >> level; ++column) {
          const int square = (row / width) * (columns / side) + column / width;
          const int within = (row % width) * width + column % width;
          places.push_back(std::int64_t{square} * side * side + band_begin + within);
        }
      }
      band_begin += width * width;
    }
  }
  return places;
}

std::uint64_t input_macs(const InputForm& form) {
  if (form.basis == InputBasis::kPixels) {
    return 0;
  }
  const auto side = static_cast<std::uint64_t>(HaarTransform::square_side(form.rows, form.columns));
  return static_cast<std::uint64_t>(form.rows) * static_cast<std::uint64_t>(form.columns) * side *
         side;
}

HaarTransform::HaarTransform(int rows, int columns)
    : rows_(rows),
      columns_(columns),
      levels_(levels_of(rows, columns)),
      count_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {
  MARVEL_CHECK(levels_ >= 1, "haar: both sides of an image are even");
  for (int level = levels_; level >= 1; --level) {
    const int high = rows >> level;
    const int wide = columns >> level;
    for (int band = level == levels_ ? kMean : kLeftRight; band < kBands; ++band) {
      const auto begin = static_cast<std::int32_t>(plain_.size());
      const float factor = gain(level, levels_);
      for (int i = 0; i < high * wide; ++i) {
        const int across = i - i % wide + (wide - 1 - i % wide);
        plain_.push_back({begin + i, factor});
        mirrored_.push_back({begin + across, turns_with_mirror(band) ? -factor : factor});
      }
    }
  }
}

// A level of h x w squares leaves its differences at 1, 2 and 3 times h w, where they stay: a
// coarser level needs only the first quarter. Its means are that first quarter when there is no
// further level, and scratch otherwise.
void HaarTransform::apply(const std::uint8_t* pixels, std::size_t stride, float* out) const {
  const auto band_of = [this](int level) { return count_ >> static_cast<unsigned>(2 * level); };
  const auto row_of = [this](int level) { return static_cast<std::size_t>(columns_ >> level); };
  float* const scratch = out + count_;
  haar_of_pixels(pixels, stride, static_cast<std::size_t>(rows_ / 2), row_of(1),
                 levels_ == 1 ? out : scratch, out + band_of(1));
  static_assert(kMostLevels == 2, "the scratch holds the means of one level");
  if (levels_ == 2) {
    haar_of_means(scratch, row_of(1), static_cast<std::size_t>(rows_ / 4), row_of(2), out,
                  out + band_of(2));
  }
}

}  // namespace marvel::model
