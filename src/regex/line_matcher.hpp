#pragma once

#include "base/stop.hpp"
#include "regex/beginnings.hpp"
#include "regex/closure.hpp"
#include "regex/program.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Bytes [begin, end) of a line, counted from the line's begin.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// Says of one line which patterns match it and where. Simulates the automaton state by state, so it
// is meant for the lines that LineFinder has marked, not for all: it makes no states that would
// have to be kept, and it can tell the patterns apart, which a state of LazyDfa cannot.
//   for (const auto pattern : matcher.which(line)) { ... }
//   const auto span = matcher.next_span(line, 0, {pattern});
// Cost: line length times the states that are alive at once. One per thread; they share the
// program.
class LineMatcher {
 public:
  // `program` and `stop` must outlive this. Takes some words of memory for every instruction,
  // whatever the lines are. Once `stop` is raised, calls return soon, with what was found so far.
  explicit LineMatcher(const Program& program, const StopFlag* stop = nullptr);

  // The patterns that match `line` (without its line end), rising. Ends early when all of them do.
  // Valid until the next call.
  const std::vector<std::uint32_t>& which(std::string_view line);

  // The leftmost match of any of `patterns` that begins at `from` or later, and of those the
  // longest, as POSIX wants. It may be empty. Bytes before `from` still count as neighbours. `from`
  // may be the line's length, where only an empty match can be. To list all matches that do not
  // overlap, go on behind each one, and after an empty one a byte further.
  std::optional<Span> next_span(std::string_view line, std::size_t from,
                                const std::vector<std::uint32_t>& patterns);

 private:
  // A thread of the simulation: what it does next, and where its match began.
  struct Thread {
    std::uint32_t at = 0;
    std::size_t begin = 0;
  };

  // Steps `threads` over the byte at `at`, and keeps in `best` a match that ends before it.
  void step(std::string_view line, std::size_t at, std::vector<Thread>& threads,
            std::optional<Span>& best);
  // Adds the patterns that were not found yet.
  void note(const std::vector<std::uint32_t>& matches);

  // Looked at now and then: a line may be as long as a file.
  [[nodiscard]] bool is_stopped(std::size_t at) const;

  const Program& program_;
  const StopFlag* stop_;
  Beginnings beginnings_;
  Closure here_;
  std::vector<std::uint32_t> alive_;
  std::vector<Thread> next_;
  std::vector<std::uint32_t> found_;
  std::vector<bool> is_found_;
};

}  // namespace marvel::regex
