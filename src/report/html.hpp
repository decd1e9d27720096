#pragma once

#include <string>
#include <utility>
#include <vector>

namespace marvel::report {

// One self-contained page: styles and figures inside, no network, no script. Reads in light and
// dark, on screen and on paper. Text is escaped here; SVG is taken as it is.
//   HtmlReport page("DynHP on mnist");
//   page.lead("One sentence.");
//   page.cards({{"test error", "1.01 %"}});
//   page.figure(line_chart_svg(chart), "What it shows.");
//   page.embed_json("report", to_json(report));
//   page.text();
// Parts stand in the order in which they are added; the page is one string that grows, and nothing
// that was passed must outlive the call. The caller writes it to a file. Colors are CSS variables
// that figures use as well (plot_svg.hpp), so they follow the page between light and dark.
class HtmlReport {
 public:
  // The title of the window and the heading of the page.
  explicit HtmlReport(std::string title);

  // What the page says in one line, below the title.
  void lead(const std::string& sentence);
  // Begins a section.
  void heading(const std::string& text);
  // Big figures with small names, side by side.
  void cards(const std::vector<std::pair<std::string, std::string>>& name_and_value);
  // `svg` is trusted: it comes from line_chart_svg, which escapes labels.
  void figure(const std::string& svg, const std::string& caption);
  // Numbers are texts here, see format.hpp. Rows may be of any length; a wide table scrolls by
  // itself.
  void table(const std::vector<std::string>& header,
             const std::vector<std::vector<std::string>>& rows);
  // The data behind the page, for programs; never shown. `json` is a document; each "<" in it
  // becomes \u003c, which is the same in JSON, so that nothing can end the element. Programs find
  // it by the id of its script element.
  void embed_json(const std::string& id, const std::string& json);

  // The whole page as of now, UTF-8, from the doctype on; more may be added after it.
  [[nodiscard]] std::string text() const;

 private:
  std::string title_;
  std::string body_;
};

}  // namespace marvel::report
