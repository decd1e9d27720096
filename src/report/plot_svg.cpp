#include "report/plot_svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace marvel::report {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 300;
constexpr double kLeft = 62;
constexpr double kRight = 16;
constexpr double kTop = 40;
constexpr double kBottom = 44;

// Colour-blind-safe (Okabe and Ito), told apart by dashes as well.
struct Stroke {
  const char* color;
  const char* dashes;
};
constexpr std::array<Stroke, 6> kStrokes{{{"#0072b2", ""},
                                          {"#d55e00", ""},
                                          {"#009e73", ""},
                                          {"#cc79a7", "6 3"},
                                          {"#e69f00", "2 3"},
                                          {"#56b4e9", "8 3 2 3"}}};

struct Axis {
  double low = 0;
  double high = 1;
  bool log = false;

  [[nodiscard]] double place(double value) const {
    const double at = log ? std::log10(value) : value;
    return (at - low) / (high - low);
  }
};

bool drawable(double value, bool log) {
  return std::isfinite(value) && (!log || value > 0);
}

Axis value_axis(const LineChart& chart) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const auto& series : chart.series) {
    for (const double value : series.y) {
      if (drawable(value, chart.log_y)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
  }
  if (!std::isfinite(low)) {
    return {0.0, 1.0, chart.log_y};
  }
  if (chart.log_y) {
    const double bottom = std::floor(std::log10(low));
    return {bottom, std::max(std::ceil(std::log10(high)), bottom + 1), true};
  }
  low = chart.from_zero ? std::min(low, 0.0) : low;
  high = high > low ? high : low + 1;
  return {low, high + 0.05 * (high - low), false};
}

Axis epoch_axis(const LineChart& chart) {
  std::size_t longest = 1;
  for (const auto& series : chart.series) {
    longest = std::max(longest, series.y.size());
  }
  const double last = chart.first_x + static_cast<double>(longest) - 1;
  return {chart.first_x, std::max(last, chart.first_x + 1), false};
}

double x_at(const Axis& axis, double value) {
  return kLeft + axis.place(value) * (kWidth - kLeft - kRight);
}
double y_at(const Axis& axis, double value) {
  return kHeight - kBottom - axis.place(value) * (kHeight - kTop - kBottom);
}

// Up to three significant digits, thousands as k and M.
std::string tick_label(double value) {
  const double size = std::abs(value);
  if (size >= 1e6) {
    return fmt::format("{:g}M", value / 1e6);
  }
  if (size >= 1e4) {
    return fmt::format("{:g}k", value / 1e3);
  }
  return fmt::format("{:g}", std::abs(value) < 1e-12 ? 0.0 : value);
}

std::string text_at(double x, double y, const char* anchor, const std::string& text,
                    const char* extra = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, extra, escape_xml(text));
}

std::vector<double> value_ticks(const Axis& axis) {
  if (!axis.log) {
    return nice_ticks(axis.low, axis.high, 5);
  }
  std::vector<double> ticks;
  const auto last = static_cast<int>(std::lround(axis.high));  // both ends are whole decades
  for (auto power = static_cast<int>(std::lround(axis.low)); power <= last; ++power) {
    ticks.push_back(std::pow(10.0, power));
  }
  return ticks;
}

std::string grid(const Axis& x, const Axis& y) {
  std::string svg = "<g class=\"grid\" stroke=\"var(--grid,#ddd)\" stroke-width=\"1\">\n";
  for (const double tick : value_ticks(y)) {
    const double at = y_at(y, tick);
    svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kLeft,
                       at, kWidth - kRight, at);
  }
  svg += "</g>\n<g class=\"ticks\" font-size=\"11\" fill=\"var(--muted,#555)\">\n";
  for (const double tick : value_ticks(y)) {
    svg += text_at(kLeft - 8, y_at(y, tick) + 4, "end", tick_label(tick));
  }
  for (const double tick : nice_ticks(x.low, x.high, 8)) {
    if (tick == std::floor(tick)) {
      svg += text_at(x_at(x, tick), kHeight - kBottom + 18, "middle", tick_label(tick));
    }
  }
  return svg + "</g>\n";
}

std::string markers(const LineChart& chart, const Axis& x) {
  std::string svg;
  for (const auto& marker : chart.markers) {
    const double at = x_at(x, marker.x);
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" "
        "stroke=\"var(--muted,#555)\" stroke-dasharray=\"3 4\"/>\n",
        at, kTop, kHeight - kBottom);
    svg += text_at(at + 4, kTop + 11, "start", marker.label,
                   " font-size=\"10\" fill=\"var(--muted,#555)\"");
  }
  return svg;
}

// A path that is lifted over every gap.
std::string path_of(const Series& series, const LineChart& chart, const Axis& x, const Axis& y) {
  std::string path;
  bool down = false;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    if (!drawable(series.y[i], chart.log_y)) {
      down = false;
      continue;
    }
    const double at = chart.first_x + static_cast<double>(i);
    path += fmt::format("{}{:.1f} {:.1f}", down ? "L" : "M", x_at(x, at), y_at(y, series.y[i]));
    down = true;
  }
  return path;
}

std::string lines(const LineChart& chart, const Axis& x, const Axis& y) {
  std::string svg;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const Stroke& stroke = kStrokes[s % kStrokes.size()];
    svg += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\" "
        "stroke-linecap=\"round\" stroke-dasharray=\"{}\"><title>{}</title></path>\n",
        path_of(chart.series[s], chart, x, y), stroke.color, stroke.dashes,
        escape_xml(chart.series[s].name));
  }
  return svg;
}

std::string legend(const LineChart& chart) {
  std::string svg;
  double at = kWidth - kRight;
  for (std::size_t s = chart.series.size(); s-- > 0;) {
    const Stroke& stroke = kStrokes[s % kStrokes.size()];
    constexpr double kLetter = 6.4;
    at -= kLetter * static_cast<double>(chart.series[s].name.size());
    svg += text_at(at, 20, "start", chart.series[s].name,
                   " font-size=\"11\" fill=\"var(--text,#222)\"");
    svg += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"16\" x2=\"{:.1f}\" y2=\"16\" stroke=\"{}\" stroke-width=\"2\" "
        "stroke-dasharray=\"{}\"/>\n",
        at - 22, at - 5, stroke.color, stroke.dashes);
    at -= 36;
  }
  return svg;
}

}  // namespace

std::string escape_xml(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

std::vector<double> nice_ticks(double low, double high, int count) {
  const double rough = (high - low) / std::max(count, 1);
  if (!(rough > 0) || !std::isfinite(rough)) {
    return {low};
  }
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power * (1 + 1e-9)) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  for (double index = std::ceil(low / step - 1e-9); index * step <= high + 1e-9 * step;
       index += 1) {
    ticks.push_back(index * step);
  }
  return ticks;
}

std::string line_chart_svg(const LineChart& chart) {
  const Axis x = epoch_axis(chart);
  const Axis y = value_axis(chart);
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\" "
      "font-family=\"system-ui, sans-serif\">\n<title>{}</title>\n",
      kWidth, kHeight, escape_xml(chart.title));
  svg += text_at(kLeft, 20, "start", chart.title,
                 " font-size=\"14\" font-weight=\"600\" fill=\"var(--text,#222)\"");
  svg += grid(x, y) + markers(chart, x) + lines(chart, x, y) + legend(chart);
  svg += text_at((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", chart.x_label,
                 " font-size=\"11\" fill=\"var(--muted,#555)\"");
  svg += text_at(0, 0, "middle", chart.y_label,
                 fmt::format(" transform=\"translate(14 {:.1f}) rotate(-90)\" font-size=\"11\" "
                             "fill=\"var(--muted,#555)\"",
                             (kTop + kHeight - kBottom) / 2)
                     .c_str());
  return svg + "</svg>\n";
}

}  // namespace marvel::report
