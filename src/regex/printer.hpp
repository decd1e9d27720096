#pragma once

#include "base/stop.hpp"
#include "regex/finder_pool.hpp"
#include "regex/line_matcher.hpp"
#include "regex/search.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Turns searched blocks into output: selects lines, counts them, writes them with what the options
// ask for beside them. One input after the other, its blocks in order:
//   printer.begin_input("app.log");
//   while (next block and *printer.add(job)) {}
//   printer.end_input();
//   printer.finish();  // after the last input
// One thread. A line is matched again only where its patterns or spans are asked for, or all
// patterns must match. What is printed waits in a buffer of about 64 KiB; a line that is longer
// than that is written from the block, and its spans as they are found. Every Status that fails is
// one of the output, and then the search is over. After a stop no more lines are printed, and the
// last one may lack ids or spans.
class Printer {
 public:
  // All arguments must outlive this.
  Printer(const PatternSet& set, const SearchOptions& options, Output& output,
          const StopFlag& stop);

  // `name` is the path that was opened, as it is printed; "-" is printed as "(standard input)".
  // Lines and offsets begin anew.
  void begin_input(const std::string& name);
  // Selects and prints the lines of the next block. Whether more blocks of this input are wanted:
  // not when --max-count is reached, one line is enough (-q, -l), or binary input was told to
  // match.
  Result<bool> add(const Job& job);
  // The input is complete: prints its count (-c), its name (-l), or that it is binary and matches.
  // Not called for an input that a stop cut short, whose count would be wrong.
  Status end_input();
  // What is left in the buffer, and counts that belong to the whole search.
  Status finish();

  // Hands on what was printed so far. For pipes and terminals, before a wait for more input.
  Status flush();

  // Some line was selected, in any input: what the exit code tells.
  [[nodiscard]] bool matched() const { return matched_; }

 private:
  // One selected line, without its line end.
  struct Line {
    std::string_view text;
    std::uint64_t offset = 0;
    std::uint64_t number = 0;
  };

  [[nodiscard]] bool wants_lines() const;
  [[nodiscard]] bool is_enough() const;
  // The lines of `selected_`: those that match, less what --all-of, -v and --max-count take away.
  void select(const Job& job);
  void invert(std::string_view text);
  void keep_full_matches(std::string_view text);
  Status print_lines(const Job& job);
  Status print_line(const Line& line);
  Status print_text(std::string_view text);
  Status print_spans(const Line& line);
  Status print_json(const Line& line);
  Status print_json_text(std::string_view text);
  Status print_json_spans(const Line& line);
  Status flush_if_full();
  void print_file_record();
  void print_prefix(const Line& line, std::uint64_t offset);
  void print_name(char separator);
  const std::vector<std::uint32_t>& patterns_of(const Line& line);

  const PatternSet& set_;
  const SearchOptions& options_;
  Output& output_;
  const StopFlag& stop_;
  LineMatcher matcher_;
  std::vector<std::uint32_t> all_patterns_;
  std::vector<std::uint32_t> none_;
  bool with_names_;
  bool matched_ = false;
  std::string buffer_;
  std::vector<std::uint64_t> by_pattern_;
  // The input at hand.
  std::string name_;
  std::uint64_t selected_lines_ = 0;
  std::uint64_t lines_before_ = 0;
  bool binary_ = false;
  std::vector<std::uint32_t> selected_;  // line ends in the block at hand
};

}  // namespace marvel::regex
