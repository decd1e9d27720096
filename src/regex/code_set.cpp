#include "regex/code_set.hpp"

#include <algorithm>

namespace marvel::regex {

CodeSet::CodeSet(const ByteSet& bytes) {
  for (int byte = 0; byte < 256; ++byte) {
    if (bytes.contains(byte)) {
      add(static_cast<char32_t>(byte), static_cast<char32_t>(byte));
    }
  }
}

void CodeSet::add(char32_t first, char32_t last) {
  // Ranges that touch the new one or lie in it become part of it.
  const auto begin =
      std::lower_bound(ranges_.begin(), ranges_.end(), first,
                       [](const Range& range, char32_t code) { return range.last + 1 < code; });
  auto end = begin;
  for (; end != ranges_.end() && end->first <= last + 1; ++end) {
    first = std::min(first, end->first);
    last = std::max(last, end->last);
  }
  ranges_.insert(ranges_.erase(begin, end), Range{first, last});
}

void CodeSet::add(const CodeSet& other) {
  for (const Range& range : other.ranges_) {
    add(range.first, range.last);
  }
}

bool CodeSet::contains(char32_t code) const {
  const auto at =
      std::lower_bound(ranges_.begin(), ranges_.end(), code,
                       [](const Range& range, char32_t value) { return range.last < value; });
  return at != ranges_.end() && at->first <= code;
}

CodeSet CodeSet::complement(char32_t last) const {
  CodeSet result;
  char32_t next = 0;
  for (const Range& range : ranges_) {
    if (range.first > next) {
      result.ranges_.push_back({next, range.first - 1});
    }
    next = range.last + 1;
  }
  if (next <= last) {
    result.ranges_.push_back({next, last});
  }
  return result;
}

ByteSet CodeSet::bytes() const {
  ByteSet result;
  for (const Range& range : ranges_) {
    if (range.first < 256) {
      result.add(static_cast<int>(range.first),
                 static_cast<int>(std::min<char32_t>(range.last, 255)));
    }
  }
  return result;
}

}  // namespace marvel::regex
