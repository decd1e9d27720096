#pragma once

#include <string>
#include <vector>

namespace marvel::report {

// One line of a chart. A NaN or infinite value leaves a gap.
struct Series {
  std::string name;
  std::vector<double> y;  // at x = first_x, first_x + 1, ...
};

// A dashed vertical line with a word, for example where a phase begins.
struct Marker {
  double x = 0;
  std::string label;
};

// A line chart over whole-numbered x such as epochs.
struct LineChart {
  std::string title;
  std::string x_label;
  std::string y_label;  // with its unit
  double first_x = 1;
  bool log_y = false;     // values <= 0 are gaps then
  bool from_zero = true;  // the linear axis begins at 0
  std::vector<Series> series;
  std::vector<Marker> markers;
};

// The chart as one inline <svg> element, 640 x 300 units, scaling with its container. Text and
// order are deterministic. Colours come from CSS variables with fallbacks, so the page decides
// between light and dark. All labels are escaped.
std::string line_chart_svg(const LineChart& chart);

// About `count` round numbers that span [low, high]: steps of 1, 2 or 5 times a power of ten.
std::vector<double> nice_ticks(double low, double high, int count);

// & < > " ' as entities; control characters become spaces.
std::string escape_xml(const std::string& text);

}  // namespace marvel::report
