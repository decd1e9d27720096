#pragma once

#include "regex/finder_pool.hpp"
#include "regex/line_matcher.hpp"
#include "regex/search.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Turns searched blocks into output: selects lines, counts them, writes them with what the options
// ask for beside them. One input after the other, its blocks in order.
class Printer {
 public:
  // All arguments must outlive this.
  Printer(const PatternSet& set, const SearchOptions& options, Output& output);

  void begin_input(const std::string& name);
  // Whether more blocks of this input are wanted.
  Result<bool> add(const Job& job);
  Status end_input();
  // What is left in the buffer, and counts that belong to the whole search.
  Status finish();

  // Hands on what was printed so far.
  Status flush();

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
  void select(const Job& job);
  void invert(std::string_view text);
  void keep_full_matches(std::string_view text);
  Status print_lines(const Job& job);
  Status print_line(const Line& line);
  Status print_text(std::string_view text);
  Status print_spans(const Line& line);
  Status print_json(const Line& line);
  Status print_json_text(std::string_view text);
  void print_file_record();
  void print_prefix(const Line& line, std::uint64_t offset);
  void print_name(char separator);
  const std::vector<std::uint32_t>& patterns_of(const Line& line);

  const PatternSet& set_;
  const SearchOptions& options_;
  Output& output_;
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
