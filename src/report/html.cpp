#include "report/html.hpp"

#include "report/plot_svg.hpp"

namespace marvel::report {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --back: #fff; --panel: #f5f6f8; --text: #1c2026; --muted: #5b6470;
        --grid: #dde1e6; --accent: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171b; --panel: #1e2329; --text: #e8eaed; --muted: #9aa4b0; --grid: #343b44;
          --accent: #56b4e9; } }
body { margin: 0 auto; max-width: 980px; padding: 2.5rem 1.25rem 4rem; background: var(--back);
       color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .8rem; }
.lead { color: var(--muted); margin: 0 0 1.6rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .8rem; }
.card { background: var(--panel); border-radius: 10px; padding: .8rem 1rem; }
.card b { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
.card span { color: var(--muted); font-size: .85rem; }
figure { margin: 1.4rem 0; } figure svg { width: 100%; height: auto; }
figcaption { color: var(--muted); font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--grid);
         white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--muted); font-weight: 600; }
@media print { body { max-width: none; } figure { break-inside: avoid; } }
)";

std::string row_of(const std::vector<std::string>& cells, const char* tag) {
  std::string row = "<tr>";
  for (const auto& cell : cells) {
    row += std::string("<") + tag + ">" + escape_xml(cell) + "</" + tag + ">";
  }
  return row + "</tr>\n";
}

// Inside a script element only "</" and "<!--" are dangerous; both need a '<'.
std::string safe_json(const std::string& json) {
  std::string safe;
  for (const char c : json) {
    safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  }
  return safe;
}

}  // namespace

HtmlReport::HtmlReport(std::string title) : title_(std::move(title)) {}

void HtmlReport::lead(const std::string& sentence) {
  body_ += "<p class=\"lead\">" + escape_xml(sentence) + "</p>\n";
}

void HtmlReport::heading(const std::string& text) {
  body_ += "<h2>" + escape_xml(text) + "</h2>\n";
}

void HtmlReport::cards(const std::vector<std::pair<std::string, std::string>>& name_and_value) {
  body_ += "<div class=\"cards\">\n";
  for (const auto& [name, value] : name_and_value) {
    body_ += "<div class=\"card\"><b>" + escape_xml(value) + "</b><span>" + escape_xml(name) +
             "</span></div>\n";
  }
  body_ += "</div>\n";
}

void HtmlReport::figure(const std::string& svg, const std::string& caption) {
  body_ += "<figure>\n" + svg + "<figcaption>" + escape_xml(caption) + "</figcaption></figure>\n";
}

void HtmlReport::table(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows) {
  body_ += "<div class=\"scroll\"><table>\n<thead>" + row_of(header, "th") + "</thead>\n<tbody>\n";
  for (const auto& row : rows) {
    body_ += row_of(row, "td");
  }
  body_ += "</tbody></table></div>\n";
}

void HtmlReport::embed_json(const std::string& id, const std::string& json) {
  body_ += "<script type=\"application/json\" id=\"" + escape_xml(id) + "\">" + safe_json(json) +
           "</script>\n";
}

std::string HtmlReport::text() const {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape_xml(title_) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" +
         escape_xml(title_) + "</h1>\n" + body_ + "</body>\n</html>\n";
}

}  // namespace marvel::report
