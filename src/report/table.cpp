#include "report/table.hpp"

#include "base/check.hpp"
#include "report/format.hpp"

#include <algorithm>

namespace marvel::report {
namespace {

std::vector<std::size_t> column_widths(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      widths[c] = std::max(widths[c], display_width(row[c]));
    }
  }
  return widths;
}

std::string line_of(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < row.size(); ++c) {
    const std::string blanks(widths[c] - display_width(row[c]), ' ');
    line += c == 0 ? row[c] + blanks : "  " + blanks + row[c];
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

Table::Table(std::vector<std::string> header) {
  rows_.push_back(std::move(header));
}

void Table::row(std::vector<std::string> cells) {
  MARVEL_CHECK(cells.size() <= rows_.front().size(), "a row has at most the header's columns");
  cells.resize(rows_.front().size());
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  const auto widths = column_widths(rows_);
  std::size_t total = 2 * (widths.size() - 1);
  for (const auto width : widths) {
    total += width;
  }
  std::string text = line_of(rows_.front(), widths) + std::string(total, '-') + "\n";
  for (std::size_t r = 1; r < rows_.size(); ++r) {
    text += line_of(rows_[r], widths);
  }
  return text;
}

}  // namespace marvel::report
