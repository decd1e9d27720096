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

HostFinder::HostFinder(const PatternSet& set, std::size_t memory_limit, const StopFlag* stop) {
  const bool parted = set.parts.size() > 1;
  const std::size_t share = memory_limit / (set.parts.size() + (parted ? 1 : 0));
  if (parted) {
    whole_.emplace(*set.program, share, stop);
  }
  for (const PatternPart& part : set.parts) {
    parts_.push_back({LineFinder(*part.program, share, stop), std::nullopt, Race()});
    if (part.filter) {
      parts_.back().scan.emplace(*part.filter);
    }
  }
}

void HostFinder::find(Part& part, std::string_view text, std::vector<std::uint32_t>& ends) {
  if (!part.scan) {
    part.finder.find(text, ends);
    return;
  }
  const auto filtered = [&] {
    part.scan->begin(text);
    part.finder.find_among(text, [&](std::size_t from) { return part.scan->next(from); }, ends);
  };
  part.race.run(text.size(), filtered, [&] { part.finder.find(text, ends); });
}

void HostFinder::find_in_parts(std::string_view text, std::vector<std::uint32_t>& ends) {
  ends.clear();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    find(parts_[i], text, i == 0 ? ends : more_);
    if (i > 0) {
      merge_ends(ends, more_);
    }
  }
}

void HostFinder::find(std::string_view text, std::vector<std::uint32_t>& ends) {
  if (!whole_) {
    find_in_parts(text, ends);
    return;
  }
  race_.run(text.size(), [&] { find_in_parts(text, ends); }, [&] { whole_->find(text, ends); });
}

}  // namespace marvel::regex
