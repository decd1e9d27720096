#include "regex/qgram_filter.hpp"

#include "regex/required.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace marvel::regex {
namespace {

constexpr std::size_t kShortest = 3;
constexpr int kWord = 8;  // bytes that one load takes
constexpr int kLongestStride = 8;
constexpr std::uint64_t kFold = 0x2020202020202020U;  // upper and lower case get the same hash
constexpr auto kMultiplier = QgramFilter::kMultiplier;

// Where in `literal` the `width` rarest bytes begin.
std::size_t rarest_window(const std::string& literal, std::size_t width) {
  std::size_t best = 0;
  int best_score = -1;
  for (std::size_t begin = 0; begin + width <= literal.size(); ++begin) {
    int score = 0;
    for (std::size_t i = 0; i < width; ++i) {
      score += is_common(literal[begin + i]) ? 0 : 1;
    }
    if (score > best_score) {
      best_score = score;
      best = begin;
    }
  }
  return best;
}

// What a probe does, with all it needs in registers.
struct Probe {
  const std::uint64_t* bits = nullptr;
  std::uint64_t mask = 0;
  int shift = 0;

  // Eight bytes are read.
  [[nodiscard]] std::uint64_t gram(const char* at) const {
    std::uint64_t word = 0;
    std::memcpy(&word, at, kWord);
    return (word | kFold) & mask;
  }
  [[nodiscard]] std::uint64_t hash(std::uint64_t gram) const { return gram * kMultiplier >> shift; }
  // 1 when some literal may hold it, 0 when none does.
  [[nodiscard]] std::uint64_t may_hold(std::uint64_t gram) const {
    const std::uint64_t h = hash(gram);
    return bits[h / 64] >> (h % 64) & 1U;
  }
};

bool stands_at(const std::string& literal, const char* text) {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (folded(text[i]) != literal[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<QgramFilter> QgramFilter::make(std::vector<std::string> literals) {
  std::sort(literals.begin(), literals.end());
  literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
  const bool too_short = std::any_of(literals.begin(), literals.end(), [](const auto& literal) {
    return literal.size() < kShortest;
  });
  if (literals.empty() || too_short) {
    return std::nullopt;
  }
  QgramFilter filter;
  filter.literals_ = std::move(literals);
  filter.choose_lengths();
  filter.fill();
  return filter;
}

// The more literals, the longer a gram must be to be rare; the shorter, the longer the stride.
void QgramFilter::choose_lengths() {
  std::size_t shortest = SIZE_MAX;
  for (const auto& literal : literals_) {
    shortest = std::min(shortest, literal.size());
  }
  const int length = static_cast<int>(std::min<std::size_t>(shortest, 64));
  const int wanted = literals_.size() <= 64 ? 4 : literals_.size() <= 512 ? 5 : 6;
  gram_ = std::min(wanted, length);
  stride_ = std::min(length - gram_ + 1, kLongestStride);
  mask_ = ~std::uint64_t{0} >> (64 - 8 * gram_);
  // One bit in 64 set, at most 512 KiB: beyond that the cache gains more than the bits.
  const auto entries = literals_.size() * static_cast<std::size_t>(stride_);
  hash_bits_ = std::clamp(static_cast<int>(std::bit_width(entries * 64)), 12, 22);
  bucket_bits_ = std::min(hash_bits_, 16);
}

void QgramFilter::fill() {
  bits_.assign((std::size_t{1} << hash_bits_) / 64, 0);
  const Probe probe{bits_.data(), mask_, 64 - hash_bits_};
  const auto width = static_cast<std::size_t>(gram_ + stride_ - 1);
  for (std::uint32_t id = 0; id < literals_.size(); ++id) {
    const std::string padded = literals_[id] + std::string(kWord, '\0');
    const std::size_t begin = rarest_window(literals_[id], width);
    for (std::size_t i = 0; i < static_cast<std::size_t>(stride_); ++i) {
      const auto offset = begin + i;
      entries_.push_back(
          {probe.gram(padded.data() + offset), id, static_cast<std::uint32_t>(offset)});
    }
  }
  const auto bucket_of = [&](const Entry& entry) {
    return probe.hash(entry.gram) >> (hash_bits_ - bucket_bits_);
  };
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const Entry& a, const Entry& b) { return bucket_of(a) < bucket_of(b); });
  buckets_.assign((std::size_t{1} << bucket_bits_) + 1, 0);
  for (const Entry& entry : entries_) {
    const auto h = probe.hash(entry.gram);
    bits_[h / 64] |= std::uint64_t{1} << (h % 64);
    ++buckets_[bucket_of(entry) + 1];
  }
  for (std::size_t i = 1; i < buckets_.size(); ++i) {
    buckets_[i] += buckets_[i - 1];
  }
}

std::size_t QgramFilter::verify(std::string_view text, std::size_t at, std::uint64_t gram) const {
  const auto bucket = gram * kMultiplier >> (64 - bucket_bits_);
  for (auto i = buckets_[bucket]; i < buckets_[bucket + 1]; ++i) {
    const Entry& entry = entries_[i];
    const std::string& literal = literals_[entry.literal];
    if (entry.gram == gram && entry.offset <= at &&
        at - entry.offset + literal.size() <= text.size() &&
        stands_at(literal, text.data() + at - entry.offset)) {
      return at - entry.offset;
    }
  }
  return std::string_view::npos;
}

std::size_t QgramFilter::next(std::string_view text, std::size_t from) const {
  const Probe probe{bits_.data(), mask_, 64 - hash_bits_};
  const auto stride = static_cast<std::size_t>(stride_);
  std::size_t at = from;
  // Four probes in a row hide each other's wait for the bit.
  for (; at + 3 * stride + kWord <= text.size(); at += 4 * stride) {
    const char* const here = text.data() + at;
    const std::array<std::uint64_t, 4> grams{probe.gram(here), probe.gram(here + stride),
                                             probe.gram(here + 2 * stride),
                                             probe.gram(here + 3 * stride)};
    if ((probe.may_hold(grams[0]) | probe.may_hold(grams[1]) | probe.may_hold(grams[2]) |
         probe.may_hold(grams[3])) == 0) {
      continue;
    }
    for (std::size_t i = 0; i < grams.size(); ++i) {
      if (probe.may_hold(grams[i]) != 0) {
        const auto found = verify(text, at + i * stride, grams[i]);
        if (found != std::string_view::npos && found >= from) {
          return found;
        }
      }
    }
  }
  for (; at < text.size(); at += stride) {  // the last bytes, behind which no word can be loaded
    std::array<char, kWord> word{};
    text.copy(word.data(), word.size(), at);
    const auto found = verify(text, at, probe.gram(word.data()));
    if (found != std::string_view::npos && found >= from) {
      return found;
    }
  }
  return text.size();
}

}  // namespace marvel::regex
