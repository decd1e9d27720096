#pragma once

#include <string>
#include <utility>
#include <vector>

namespace marvel::report {

// One self-contained page: styles and figures inside, no network, no script. Reads in light and
// dark, on screen and on paper. Text is escaped here; SVG and JSON are taken as they are.
//   HtmlReport page("DynHP on mnist");
//   page.lead("One sentence.");
//   page.cards({{"test error", "1.01 %"}});
//   page.figure(line_chart_svg(chart), "What it shows.");
//   page.embed_json("report", to_json(report));
//   page.text();
class HtmlReport {
 public:
  explicit HtmlReport(std::string title);

  void lead(const std::string& sentence);
  void heading(const std::string& text);
  // Big figures with small names, side by side.
  void cards(const std::vector<std::pair<std::string, std::string>>& name_and_value);
  void figure(const std::string& svg, const std::string& caption);
  void table(const std::vector<std::string>& header,
             const std::vector<std::vector<std::string>>& rows);
  // The data behind the page, for programs; never shown.
  void embed_json(const std::string& id, const std::string& json);

  [[nodiscard]] std::string text() const;

 private:
  std::string title_;
  std::string body_;
};

}  // namespace marvel::report
