#include "report/plot_svg.hpp"

#include <cmath>

#include <doctest/doctest.h>

namespace marvel::report {
namespace {

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("ticks are round and cover the range") {
  CHECK(nice_ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(nice_ticks(0, 1, 5).size() == 6);
  CHECK(nice_ticks(3, 3, 5) == std::vector<double>{3});
  CHECK(nice_ticks(-1, 1, 4) == std::vector<double>{-1, -0.5, 0, 0.5, 1});
}

TEST_CASE("a chart has its title, a path per series and a line per marker") {
  LineChart chart;
  chart.title = "Error";
  chart.x_label = "epoch";
  chart.y_label = "%";
  chart.series = {{"train", {3, 2, 1}}, {"test", {4, 3, 2}}};
  chart.markers = {{1, "warm-up"}, {2, "prune"}};
  const auto svg = line_chart_svg(chart);
  CHECK(times(svg, "<path") == 2);
  CHECK(times(svg, "stroke-dasharray=\"3 4\"") == 2);
  CHECK(times(svg, "<title>Error</title>") == 1);
  CHECK(svg == line_chart_svg(chart));
}

TEST_CASE("points outside the axis are gaps, not lies") {
  LineChart chart;
  chart.log_y = true;
  chart.series = {{"a", {1, 0, 10, std::nan(""), 100}}};
  const auto svg = line_chart_svg(chart);
  CHECK(times(svg, "nan") == 0);
  CHECK(times(svg, "inf") == 0);
  const auto path = svg.substr(svg.find("<path"), svg.find("/>", svg.find("<path")));
  CHECK(times(path.substr(0, path.find("fill")), "M") == 3);
}

TEST_CASE("empty and constant charts are drawn without trouble") {
  LineChart chart;
  CHECK(line_chart_svg(chart).find("</svg>") != std::string::npos);
  chart.series = {{"none", {}}, {"flat", {5}}};
  CHECK(times(line_chart_svg(chart), "nan") == 0);
}

TEST_CASE("hostile labels are escaped") {
  LineChart chart;
  chart.title = "<script>&\"'";
  chart.series = {{"a<b", {1, 2}}};
  const auto svg = line_chart_svg(chart);
  CHECK(times(svg, "<script>") == 0);
  CHECK(times(svg, "&lt;script&gt;&amp;&quot;&#39;") == 2);
  CHECK(escape_xml(std::string("a\x01"
                               "b")) == "a b");
}

}  // namespace marvel::report
