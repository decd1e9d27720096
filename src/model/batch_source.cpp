#include "model/batch_source.hpp"

#include "base/random.hpp"
#include "model/dense_kernels.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace marvel::model {

BatchSource::BatchSource(const data::ImageSet& set, std::span<const std::uint32_t> samples,
                         const Augmentation& changes, InputBasis basis)
    : changes_(changes), rows_(set.rows), columns_(set.columns) {
  padded_.assign(samples.size() * padded_bytes(), 0);
  labels_.resize(samples.size());
  const auto margin = static_cast<std::size_t>(changes.shift);
  const auto columns = static_cast<std::size_t>(columns_);
  for (std::size_t n = 0; n < samples.size(); ++n) {
    labels_[n] = set.labels[samples[n]];
    const std::uint8_t* from = set.pixels.data() + samples[n] * set.image_bytes();
    std::uint8_t* to = padded_.data() + n * padded_bytes();
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows_); ++row) {
      std::memcpy(to + (row + margin) * padded_columns() + margin, from + row * columns, columns);
    }
  }
  use_basis(basis);
}

void BatchSource::use_basis(InputBasis basis) {
  haar_.reset();
  if (basis == InputBasis::kHaar) {
    haar_.emplace(rows_, columns_);
  }
  kept_.resize(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_));
  std::iota(kept_.begin(), kept_.end(), 0);
  rebuild_offsets();
}

std::size_t BatchSource::padded_columns() const {
  return static_cast<std::size_t>(columns_) + 2 * static_cast<std::size_t>(changes_.shift);
}

std::size_t BatchSource::padded_bytes() const {
  return padded_columns() *
         (static_cast<std::size_t>(rows_) + 2 * static_cast<std::size_t>(changes_.shift));
}

void BatchSource::keep_inputs(const std::vector<std::int32_t>& original) {
  kept_ = original;
  rebuild_offsets();
}

void BatchSource::rebuild_offsets() {
  const int stride = static_cast<int>(padded_columns());
  offsets_.clear();
  factors_.clear();
  for (const bool flipped : {false, true}) {
    for (const auto input : kept_) {
      if (haar_) {
        const auto& place = flipped ? haar_->mirrored(input) : haar_->place(input);
        offsets_.push_back(place.index);
        factors_.push_back(place.factor);
        continue;
      }
      const int row = input / columns_;
      const int column = input % columns_;
      offsets_.push_back(row * stride + (flipped ? columns_ - 1 - column : column));
    }
  }
}

// Variants are numbered flip-major, then shift down, then shift right.
int BatchSource::plain_variant() const {
  const int side = 2 * changes_.shift + 1;
  return changes_.shift * side + changes_.shift;
}

int BatchSource::variant(std::uint64_t key, std::uint32_t sample) const {
  const int count = changes_.variants();
  if (count == 1) {
    return 0;
  }
  CounterRng rng(stream_key(key, sample));
  return static_cast<int>(rng.below(static_cast<std::uint32_t>(count)));
}

void BatchSource::fill(std::uint32_t sample, int variant, const float* scaled_gate,
                       float* out) const {
  const int side = 2 * changes_.shift + 1;
  const bool flipped = variant >= side * side;
  const int move = variant % (side * side);
  const std::size_t corner = static_cast<std::size_t>(move / side) * padded_columns() +
                             static_cast<std::size_t>(move % side);
  const std::uint8_t* image = padded_.data() + sample * padded_bytes() + corner;
  const std::size_t first = flipped ? kept_.size() : 0;  // of this variant's places
  if (haar_) {
    fill_haar(*haar_, image, first, scaled_gate, out);
    return;
  }
  gather_pixels(image, offsets_.data() + first, scaled_gate, kept_.size(), out);
}

void BatchSource::fill_haar(const HaarTransform& transform, const std::uint8_t* image,
                            std::size_t first, const float* scaled_gate, float* out) const {
  thread_local std::vector<float> sums;  // several threads fill from one source
  sums.resize(transform.buffer_size());
  transform.apply(image, padded_columns(), sums.data());
  gather_coefficients(sums.data(), offsets_.data() + first, factors_.data() + first, scaled_gate,
                      kept_.size(), out);
}

}  // namespace marvel::model
