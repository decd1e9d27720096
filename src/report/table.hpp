#pragma once

#include <string>
#include <vector>

namespace marvel::report {

// A small table for people: first column left-aligned, the others right-aligned, two spaces
// between. No escape codes, so it may go into a pipe.
//   Table table({"", "dense", "compressed"});
//   table.row({"parameters", "266,610", "43,304"});
//   table.text();
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  // Missing cells are empty, surplus ones are a bug.
  void row(std::vector<std::string> cells);
  // Header, a line, the rows; each ends with a newline and has no trailing blanks.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace marvel::report
