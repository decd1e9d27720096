#pragma once

#include <string>
#include <vector>

namespace marvel::report {

// A small table for people: first column left-aligned, the others right-aligned, two spaces
// between. No escape codes, so it may go into a pipe; programs read --json instead. Widths are
// those of the widest cells, so nothing is cut and long lines are the terminal's business.
//   Table table({"", "dense", "compressed"});
//   table.row({"parameters", "266,610", "43,304"});
//   table.text();
// gives
//                 dense  compressed
//   -------------------------------
//   parameters  266,610      43,304
// Cells are UTF-8 (display_width of format.hpp) without line ends and control characters: who shows
// texts of strangers cleans them before.
class Table {
 public:
  // It fixes how many columns there are, at least one.
  explicit Table(std::vector<std::string> header);
  // Missing cells are empty, surplus ones are a bug.
  void row(std::vector<std::string> cells);
  // Header, a line, the rows; each ends with a newline and has no trailing blanks. A table without
  // rows is the header and the line, so callers that want nothing then look before.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace marvel::report
