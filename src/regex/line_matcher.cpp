#include "regex/line_matcher.hpp"

#include <algorithm>

namespace marvel::regex {
namespace {

// The byte at `at`, or the line end that stands behind every line.
std::uint8_t byte_at(std::string_view line, std::size_t at) {
  return at < line.size() ? static_cast<std::uint8_t>(line[at]) : std::uint8_t{'\n'};
}

Side side_before(std::string_view line, std::size_t at) {
  return at == 0 ? Side::kEdge : side_of(byte_at(line, at - 1));
}

// A line end inside a line cannot be; NUL and all others can.
Assertion sides_at(std::string_view line, std::size_t at) {
  return pair_bit(side_before(line, at), side_of(byte_at(line, at)));
}

}  // namespace

LineMatcher::LineMatcher(const Program& program, const StopFlag* stop)
    : program_(program),
      stop_(stop),
      beginnings_(program),
      here_(program),
      is_found_(program.starts.size(), false) {}

bool LineMatcher::is_stopped(std::size_t at) const {
  constexpr std::size_t kSteps = 4096;
  return at % kSteps == 0 && stop_ != nullptr && stop_->raised();
}

void LineMatcher::note(const std::vector<std::uint32_t>& matches) {
  for (const auto pattern : matches) {
    if (!is_found_[pattern]) {
      is_found_[pattern] = true;
      found_.push_back(pattern);
    }
  }
}

const std::vector<std::uint32_t>& LineMatcher::which(std::string_view line) {
  for (const auto pattern : found_) {
    is_found_[pattern] = false;
  }
  found_.clear();
  alive_.clear();
  for (std::size_t at = 0; at <= line.size() && found_.size() < is_found_.size(); ++at) {
    if (is_stopped(at)) {
      break;
    }
    const std::uint8_t byte = byte_at(line, at);
    here_.begin(sides_at(line, at));
    for (const auto thread : alive_) {
      here_.add(thread);
    }
    note(here_.matches());
    alive_ = steps_over(program_, here_.items(), byte);
    const Beginning& begin = beginnings_.at(side_before(line, at), program_.class_of[byte]);
    note(begin.matches);
    alive_.insert(alive_.end(), begin.targets.begin(), begin.targets.end());
  }
  std::sort(found_.begin(), found_.end());
  return found_;
}

void LineMatcher::step(std::string_view line, std::size_t at, std::vector<Thread>& threads,
                       std::optional<Span>& best) {
  const std::uint8_t byte = byte_at(line, at);
  here_.begin(sides_at(line, at));
  next_.clear();
  for (const Thread& thread : threads) {
    if (best && thread.begin > best->begin) {
      break;
    }
    const std::size_t items = here_.items().size();
    const std::size_t matches = here_.matches().size();
    here_.add(thread.at);
    if (here_.matches().size() > matches) {
      best = Span{thread.begin, at};
    }
    for (std::size_t i = items; i < here_.items().size(); ++i) {
      const Instruction& instruction = program_.code[here_.items()[i]];
      if (program_.sets[instruction.set].contains(byte)) {
        next_.push_back({instruction.next, thread.begin});
      }
    }
  }
  threads.swap(next_);
}

std::optional<Span> LineMatcher::next_span(std::string_view line, std::size_t from,
                                           const std::vector<std::uint32_t>& patterns) {
  std::optional<Span> best;
  std::vector<Thread> threads;  // by rising begin, so the leftmost enters each state first
  for (std::size_t at = from; at <= line.size() && (!best || !threads.empty()); ++at) {
    if (is_stopped(at)) {
      break;
    }
    if (!best) {
      for (const auto pattern : patterns) {
        threads.push_back({program_.starts[pattern], at});
      }
    }
    step(line, at, threads, best);
  }
  return best;
}

}  // namespace marvel::regex
