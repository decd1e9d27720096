#include "regex/qgram_filter.hpp"

#include "regex/qgram_hash.hpp"
#include "regex/required.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace marvel::regex {
namespace {

constexpr std::size_t kShortest = 3;
constexpr int kLongestGram = 8;
constexpr int kLongestStride = 4;  // so that four grams begin in 16 bytes

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

// The more literals, the longer a gram must be to be rare; what the literals' length leaves goes
// into the stride first and into the gram then.
void QgramFilter::choose_lengths() {
  std::size_t shortest = SIZE_MAX;
  for (const auto& literal : literals_) {
    shortest = std::min(shortest, literal.size());
  }
  const int length = static_cast<int>(std::min<std::size_t>(shortest, 64));
  const int wanted = literals_.size() <= 64 ? 4 : literals_.size() <= 2'000 ? 5 : 6;
  gram_ = std::min(wanted, length);
  stride_ = std::min(length - gram_ + 1, kLongestStride);
  gram_ = std::min(length - stride_ + 1, kLongestGram);
  // Few bits set, so that few places pass in vain; but what a cache does not hold costs more.
  const auto bits_for = [](std::size_t entries, int most) {
    return std::clamp(static_cast<int>(std::bit_width(entries * 128)), 15, most);
  };
  gram_bits_ = bits_for(literals_.size() * static_cast<std::size_t>(stride_), 21);
  window_bits_ = bits_for(literals_.size(), 20);
  bucket_bits_ = std::clamp(static_cast<int>(std::bit_width(literals_.size())), 8, 16);
}

void QgramFilter::fill() {
  const auto set = [](std::vector<std::uint32_t>& bits, std::uint32_t place) {
    bits[place / 32] |= 1U << (place % 32);
  };
  grams_.assign((std::size_t{1} << gram_bits_) / 32, 0);
  windows_.assign((std::size_t{1} << window_bits_) / 32, 0);
  const GramProbe probe(*this);
  const auto width = static_cast<std::size_t>(gram_ + stride_ - 1);
  for (std::uint32_t id = 0; id < literals_.size(); ++id) {
    const std::string padded = literals_[id] + std::string(kHashReach, '\0');
    const std::size_t begin = rarest_window(literals_[id], width);
    for (std::size_t i = 0; i < static_cast<std::size_t>(stride_); ++i) {
      set(grams_, probe.hash(padded.data() + begin + i));
    }
    entries_.push_back(
        {window_hash(padded.data() + begin, window_mask()), id, static_cast<std::uint32_t>(begin)});
    set(windows_, entries_.back().hash >> (32 - window_bits_));
  }
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  buckets_.assign((std::size_t{1} << bucket_bits_) + 1, 0);
  for (const Entry& entry : entries_) {
    ++buckets_[(entry.hash >> (32 - bucket_bits_)) + 1];
  }
  for (std::size_t i = 1; i < buckets_.size(); ++i) {
    buckets_[i] += buckets_[i - 1];
  }
}

std::uint64_t QgramFilter::window_mask() const {
  const int width = std::min(gram_ + stride_ - 1, static_cast<int>(kHashReach));
  return ~std::uint64_t{0} >> (8 * (static_cast<int>(kHashReach) - width));
}

// `at` is where the window begins.
std::size_t QgramFilter::literal_around(std::string_view text, std::size_t at) const {
  std::uint32_t hash = 0;
  if (at + kHashReach <= text.size()) {
    hash = window_hash(text.data() + at, window_mask());
  } else {  // behind the text nothing can be loaded
    std::array<char, kHashReach> bytes{};
    text.copy(bytes.data(), bytes.size(), at);
    hash = window_hash(bytes.data(), window_mask());
  }
  const std::uint32_t place = hash >> (32 - window_bits_);
  if ((windows_[place / 32] >> (place % 32) & 1U) == 0) {
    return std::string_view::npos;
  }
  const auto bucket = hash >> (32 - bucket_bits_);
  for (auto i = buckets_[bucket]; i < buckets_[bucket + 1]; ++i) {
    const Entry& entry = entries_[i];
    const std::string& literal = literals_[entry.literal];
    if (entry.hash == hash && entry.begin <= at &&
        at - entry.begin + literal.size() <= text.size() &&
        stands_at(literal, text.data() + at - entry.begin)) {
      return at - entry.begin;
    }
  }
  return std::string_view::npos;
}

}  // namespace marvel::regex
