#include "regex/host_finder.hpp"

#include <algorithm>
#include <iterator>

namespace marvel::regex {

void merge_ends(std::vector<std::uint32_t>& ends, const std::vector<std::uint32_t>& more) {
  if (more.empty()) {
    return;
  }
  std::vector<std::uint32_t> both;
  both.reserve(ends.size() + more.size());
  std::set_union(ends.begin(), ends.end(), more.begin(), more.end(), std::back_inserter(both));
  ends.swap(both);
}

HostFinder::HostFinder(const PatternSet& set, std::size_t memory_limit) {
  for (const PatternPart& part : set.parts) {
    parts_.push_back({LineFinder(*part.program, memory_limit / set.parts.size()),
                      part.filter ? &*part.filter : nullptr, FilterRest()});
  }
}

void HostFinder::find(Part& part, std::string_view text, std::vector<std::uint32_t>& ends) {
  if (part.filter == nullptr || !part.rest.is_over()) {
    part.finder.find(text, ends);
    return;
  }
  const auto next = [&](std::size_t from) { return part.filter->next(text, from); };
  part.rest.note(part.finder.find_among(text, next, ends), text.size());
}

void HostFinder::find(std::string_view text, std::vector<std::uint32_t>& ends) {
  ends.clear();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    find(parts_[i], text, i == 0 ? ends : more_);
    if (i > 0) {
      merge_ends(ends, more_);
    }
  }
}

}  // namespace marvel::regex
