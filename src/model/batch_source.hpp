#pragma once

#include "data/dataset.hpp"
#include "model/haar.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace marvel::model {

// Small changes of an image that keep its label.
struct Augmentation {
  int shift = 0;      // moves by up to this many pixels each way, edges filled with 0
  bool flip = false;  // mirrors left and right

  // The number of different images made from one: (2 shift + 1)^2, twice that with flips.
  [[nodiscard]] int variants() const { return (2 * shift + 1) * (2 * shift + 1) * (flip ? 2 : 1); }
};

// Feeds rows of network inputs from byte images: scaled to [0, 1], augmented, and only the inputs
// that are still kept. Augmented pixels are read with an offset from a padded copy, so a variant
// costs nothing extra and a removed pixel is never touched; in the Haar basis every image is
// transformed whole, as it is asked for. Filling is const and may run on several threads;
// keep_inputs() and use_basis() while nobody fills.
//
//   source.keep_inputs(net.layers[0].inputs);        // after each change of the network's inputs
//   source.fill(n, source.variant(key, n), gate, row);  // one sample into one row
// Samples are numbered 0 .. size() - 1 in the order in which the constructor was given them. Memory
// is that of the padded bytes: one per pixel, (rows + 2 shift) (columns + 2 shift) per image.
class BatchSource {
 public:
  // Keeps copies of the images `samples` of `set` (indices into it) with padding for `changes`;
  // `set` need not outlive it. All pixels, or in the Haar basis all coefficients (of an image with
  // even sides), are inputs at first.
  BatchSource(const data::ImageSet& set, std::span<const std::uint32_t> samples,
              const Augmentation& changes, InputBasis basis = InputBasis::kPixels);

  [[nodiscard]] std::size_t size() const { return labels_.size(); }
  [[nodiscard]] int label(std::uint32_t sample) const { return labels_[sample]; }
  [[nodiscard]] const Augmentation& augmentation() const { return changes_; }

  // Shows the same images in another basis from now on, with all of its inputs.
  void use_basis(InputBasis basis);

  // Which numbers are inputs from now on, each below rows x columns: pixels row-major in the
  // unpadded image, or coefficients as HaarTransform numbers them. The images stay whole, so inputs
  // may come back.
  void keep_inputs(const std::vector<std::int32_t>& original);
  [[nodiscard]] std::size_t width() const { return kept_.size(); }

  // The unchanged image's variant, and the one a sample shows in an epoch: a pure function of
  // (key, sample), so a resumed run shows the same.
  [[nodiscard]] int plain_variant() const;
  [[nodiscard]] int variant(std::uint64_t key, std::uint32_t sample) const;

  // out[i] = input i (a pixel is in [0, 1]) times gate[i]. `out` and `scaled_gate` have width()
  // elements, and `scaled_gate` already carries the factor 1 / 255 (see kPixelScale). `variant` is
  // below augmentation().variants().
  void fill(std::uint32_t sample, int variant, const float* scaled_gate, float* out) const;

  static constexpr float kPixelScale = 1.0F / 255.0F;

 private:
  [[nodiscard]] std::size_t padded_columns() const;
  [[nodiscard]] std::size_t padded_bytes() const;
  void rebuild_offsets();
  void fill_haar(const HaarTransform& transform, const std::uint8_t* image, std::size_t first,
                 const float* scaled_gate, float* out) const;

  Augmentation changes_;
  int rows_ = 0;
  int columns_ = 0;
  // One image after the other, each padded_bytes() long.
  std::vector<std::uint8_t> padded_;
  std::vector<std::uint8_t> labels_;
  std::vector<std::int32_t> kept_;
  std::vector<std::int32_t> offsets_;  // [flip][kept], into a padded image
  std::optional<HaarTransform> haar_;  // in that basis the offsets are into its sums
  std::vector<float> factors_;         // [flip][kept], and only there
};

}  // namespace marvel::model
