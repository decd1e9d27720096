#include "model/haar.hpp"

#include "base/random.hpp"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::model {
namespace {

struct Image {
  int rows = 0;
  int columns = 0;
  std::vector<std::uint8_t> pixels;

  [[nodiscard]] int at(int row, int column) const {
    return pixels[static_cast<std::size_t>(row * columns + column)];
  }
};

Image random_image(int rows, int columns, std::uint64_t key) {
  Image image{rows, columns, {}};
  CounterRng rng(key);
  for (int i = 0; i < rows * columns; ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>(rng.below(256)));
  }
  return image;
}

Image mirror(const Image& image) {
  Image other = image;
  for (int row = 0; row < image.rows; ++row) {
    for (int column = 0; column < image.columns; ++column) {
      other.pixels[static_cast<std::size_t>(row * image.columns + column)] =
          static_cast<std::uint8_t>(image.at(row, image.columns - 1 - column));
    }
  }
  return other;
}

Image cut(const Image& image, int top, int left, int side) {
  Image square{side, side, {}};
  for (int i = 0; i < side * side; ++i) {
    square.pixels.push_back(static_cast<std::uint8_t>(image.at(top + i / side, left + i % side)));
  }
  return square;
}

std::vector<float> inputs_of(const Image& image, bool mirrored = false) {
  const HaarTransform transform(image.rows, image.columns);
  std::vector<float> sums(transform.buffer_size());
  transform.apply(image.pixels.data(), static_cast<std::size_t>(image.columns), sums.data());
  std::vector<float> inputs;
  for (int i = 0; i < image.rows * image.columns; ++i) {
    const auto& place = mirrored ? transform.mirrored(i) : transform.place(i);
    inputs.push_back(sums[static_cast<std::size_t>(place.index)] * place.factor);
  }
  return inputs;
}

// A coefficient from its definition: the sum over a square of `side` pixels whose halves count with
// the signs of the band, 0 to 3.
float by_definition(const Image& image, int side, int band, int row, int column) {
  int sum = 0;
  for (int r = 0; r < side; ++r) {
    for (int c = 0; c < side; ++c) {
      const bool right = c >= side / 2;
      const bool bottom = r >= side / 2;
      const int across = right ? -1 : 1;
      const int down = bottom ? -1 : 1;
      const int sign = band == 0 ? 1 : band == 1 ? across : band == 2 ? down : across * down;
      sum += sign * image.at(row * side + r, column * side + c);
    }
  }
  return static_cast<float>(sum);
}

}  // namespace

TEST_CASE("inputs are the sums of the definition, coarsest band first") {
  const Image image = random_image(8, 12, 7);
  const auto inputs = inputs_of(image);
  std::size_t next = 0;
  for (const int side : {4, 2}) {
    for (int band = side == 4 ? 0 : 1; band < 4; ++band) {
      for (int row = 0; row < image.rows / side; ++row) {
        for (int column = 0; column < image.columns / side; ++column) {
          const float gain = side == 4 ? 2.0F / 16 : 2.0F / 8 / 4;
          CHECK(inputs[next++] == gain * by_definition(image, side, band, row, column));
        }
      }
    }
  }
  CHECK(next == inputs.size());
}

TEST_CASE("an image that divides by two only once has one level") {
  const Image image = random_image(6, 4, 3);
  const auto inputs = inputs_of(image);
  CHECK(inputs[0] == 2.0F / 4 * by_definition(image, 2, 0, 0, 0));
  CHECK(inputs[5] == 2.0F / 4 * by_definition(image, 2, 0, 2, 1));
  CHECK(inputs[6] == 2.0F / 4 * by_definition(image, 2, 1, 0, 0));
  CHECK(inputs[23] == 2.0F / 4 * by_definition(image, 2, 3, 2, 1));
}

TEST_CASE("an image's inputs are those of its squares, in another order") {
  for (const auto& [rows, columns] :
       {std::pair(8, 12), {12, 8}, {6, 10}}) {  // two levels, two, one
    const Image image = random_image(rows, columns, 5);
    const int side = HaarTransform::square_side(rows, columns);
    CHECK(side == (rows % 4 == 0 ? 4 : 2));
    std::vector<float> of_squares;
    for (int top = 0; top < rows; top += side) {
      for (int left = 0; left < columns; left += side) {
        const auto inputs = inputs_of(cut(image, top, left, side));
        of_squares.insert(of_squares.end(), inputs.begin(), inputs.end());
      }
    }
    std::vector<float> in_order;
    for (const auto place : HaarTransform::places_in_squares(rows, columns)) {
      in_order.push_back(of_squares.at(static_cast<std::size_t>(place)));
    }
    CHECK(in_order == inputs_of(image));
  }
}

TEST_CASE("the mirror image is read from the transform of the image") {
  for (const auto& [rows, columns] : {std::pair(28, 28), {8, 12}, {6, 10}}) {
    const Image image = random_image(rows, columns, 5);
    CHECK(inputs_of(image, true) == inputs_of(mirror(image)));
    CHECK(inputs_of(image, true) != inputs_of(image));
  }
}

TEST_CASE("nothing of the image is lost") {
  // The basis is orthogonal: with each coefficient divided by its vector's length the sum of
  // squares is that of the pixels.
  const Image image = random_image(28, 28, 11);
  const auto inputs = inputs_of(image);
  double energy = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool coarse = i < 4 * 49;
    const double length = coarse ? 4.0 : 2.0;  // sqrt(16), sqrt(4)
    const double gain = static_cast<double>(HaarTransform::gain(coarse ? 2 : 1, 2));
    const double coefficient = static_cast<double>(inputs[i]) / gain / length;
    energy += coefficient * coefficient;
  }
  double wanted = 0;
  for (const int pixel : image.pixels) {
    wanted += pixel * pixel;
  }
  CHECK(energy == doctest::Approx(wanted).epsilon(1e-9));
}

TEST_CASE("rows may lie further apart than they are long") {
  const Image image = random_image(4, 4, 2);
  std::vector<std::uint8_t> spread(4 * 9, 255);
  for (int row = 0; row < 4; ++row) {
    for (int column = 0; column < 4; ++column) {
      spread[static_cast<std::size_t>(row * 9 + column)] =
          static_cast<std::uint8_t>(image.at(row, column));
    }
  }
  const HaarTransform transform(4, 4);
  std::vector<float> apart(transform.buffer_size());
  std::vector<float> dense(transform.buffer_size());
  transform.apply(spread.data(), 9, apart.data());
  transform.apply(image.pixels.data(), 4, dense.data());
  CHECK(apart == dense);
}

TEST_CASE("odd sides have no level, and never more than two are made") {
  CHECK(HaarTransform::levels_of(27, 28) == 0);
  CHECK(HaarTransform::levels_of(28, 15) == 0);
  CHECK(HaarTransform::levels_of(0, 0) == 0);
  CHECK(HaarTransform::levels_of(30, 28) == 1);
  CHECK(HaarTransform::levels_of(28, 28) == 2);
  CHECK(HaarTransform::levels_of(32, 32) == 2);
}

TEST_CASE("a saved model makes inputs by one product per square") {
  CHECK(input_macs({InputBasis::kHaar, 28, 28}) == 49 * 16 * 16);
  CHECK(input_macs({InputBasis::kHaar, 6, 10}) == 15 * 4 * 4);
  CHECK(input_macs({InputBasis::kPixels, 28, 28}) == 0);
}

}  // namespace marvel::model
