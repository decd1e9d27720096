#include "regex/qgram_scan.hpp"

#include <algorithm>

namespace marvel::regex {
namespace {

constexpr std::size_t kPiece = 4096;  // bytes of text per round; lists and text stay in the cache

}  // namespace

QgramScan::QgramScan(const QgramFilter& filter, Simd simd)
    : filter_(filter),
      probe_(filter),
      probes_(kPiece + Probing::kSlack),
      windows_(probes_.size() * static_cast<std::size_t>(filter.stride())) {
  if (filter.gram() < kHalfGram) {
    return;  // vectors hold four bytes of a probe
  }
  vector_grams_ = vector_gram_probe(simd);
  vector_windows_ = vector_keep_windows(simd);
  vector_nibbles_ = nibble_probe(simd);
  if (vector_nibbles_ != nullptr) {
    nibbles_ = NibbleMasks::make(filter);
  }
}

void QgramScan::begin(std::string_view text) {
  text_ = text;
  at_ = 0;
  window_count_ = cursor_ = 0;
}

void QgramScan::keep_windows(const WindowTest& test) {
  Windowing windowing{text_, probes_.data(), probe_count_, 0, windows_.data(), 0};
  if (vector_windows_ != nullptr) {
    vector_windows_(test, windowing);
  }
  keep_windows_plain(test, windowing);
  window_count_ = windowing.count;
}

// Lists what passes in the next piece of text.
void QgramScan::fill() {
  const std::size_t end = std::min(at_ + kPiece, text_.size());
  Probing probing{text_, at_, end, probes_.data(), 0};
  if (nibbles_) {
    vector_nibbles_(*nibbles_, probing);
  } else {
    if (vector_grams_ != nullptr) {
      vector_grams_(probe_, probing);
    }
    probe_grams_plain(probe_, probing);
  }
  at_ = probing.at;
  probe_count_ = probing.count;
  const std::size_t stride = nibbles_ ? 1 : probe_.stride;
  pass_rest(end, stride);
  keep_windows({filter_, static_cast<std::uint32_t>(stride)});
  cursor_ = 0;
}

// The last bytes, behind which nothing can be read, pass without a look.
void QgramScan::pass_rest(std::size_t end, std::size_t stride) {
  for (; at_ < end; at_ += stride) {
    probes_[probe_count_++] = static_cast<std::uint32_t>(at_);
  }
}

std::size_t QgramScan::next(std::size_t from) {
  while (true) {
    while (cursor_ < window_count_) {
      const auto found = filter_.literal_around(text_, windows_[cursor_++]);
      if (found != std::string_view::npos && found >= from) {
        return found;
      }
    }
    at_ = std::max(at_, from);
    if (at_ >= text_.size()) {
      return text_.size();
    }
    fill();
  }
}

}  // namespace marvel::regex
