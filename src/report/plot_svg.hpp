#pragma once

#include <string>
#include <vector>

namespace marvel::report {

// Line charts for reports, as SVG text and nothing else: no library, no script, the same bytes for
// the same data, so tests can compare them.
//   LineChart chart;
//   chart.title = "Error";
//   chart.x_label = "epoch";
//   chart.y_label = "wrong answers, %";
//   chart.series = {{"training", {9.1, 4.2, 2.0}}, {"test", {9.5, 5.0, NAN}}};
//   page.figure(line_chart_svg(chart), "Error after each epoch.");
//
// One line of a chart. A NaN or infinite value leaves a gap.
struct Series {
  // Stands in the legend, and as the tooltip of the line.
  std::string name;
  std::vector<double> y;  // at x = first_x, first_x + 1, ...
};

// A dashed vertical line with a word, for example where a phase begins. A label of a word or two is
// written beside its upper end.
struct Marker {
  // On the scale of the x axis, not an index.
  double x = 0;
  std::string label;
};

// A line chart over whole-numbered x such as epochs. The axes fit themselves to the values: 5 % of
// room above the largest one, whole decades where the scale is logarithmic. Six lines can be told
// apart by color and dashes; a seventh looks like the first.
struct LineChart {
  std::string title;
  std::string x_label;
  std::string y_label;  // with its unit
  double first_x = 1;
  bool log_y = false;  // values <= 0 are gaps then
  // Else at the smallest value. Without effect on a logarithmic one.
  bool from_zero = true;  // the linear axis begins at 0
  std::vector<Series> series;
  std::vector<Marker> markers;
};

// The chart as one inline <svg> element, 640 x 300 units, scaling with its container. Text and
// order are deterministic. Text and grid have colors from CSS variables with fallbacks, so the page
// decides between light and dark; lines have those of Okabe and Ito, which color-blind people can
// tell apart. All labels are escaped. Never fails: without a value that can be drawn there are axes
// from 0 to 1. The size grows with the number of values, some 12 bytes each.
std::string line_chart_svg(const LineChart& chart);

// About `count` round numbers that span [low, high]: steps of 1, 2 or 5 times a power of ten. They
// lie inside of it, ascending. [low] alone where the range is empty or no number.
//   nice_ticks(0, 97, 5)    0 20 40 60 80
std::vector<double> nice_ticks(double low, double high, int count);

// & < > " ' as entities; control characters become spaces. For text and for values of attributes in
// either kind of quotes.
std::string escape_xml(const std::string& text);

}  // namespace marvel::report
