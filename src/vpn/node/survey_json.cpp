#include "vpn/node/survey_json.hpp"

#include "base/text.hpp"
#include "config/json.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace marvel::vpn {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

// "2026-11-25T10:00:00Z"
std::string time_text(std::uint64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&when, &parts);
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

std::string_view path_name(PathFigures::Path path) {
  switch (path) {
    case PathFigures::Path::kDirect:
      return "direct";
    case PathFigures::Path::kRelay:
      return "relay";
    case PathFigures::Path::kNone:
      break;
  }
  return "none";
}

// One way takes half of the round trip: which half takes longer nobody can tell without one clock.
std::string latency(const std::vector<Duration>& trips) {
  if (trips.empty()) {
    return "null";
  }
  return number(std::chrono::duration<double, std::milli>(trips[trips.size() / 2]).count() / 2);
}

std::string bandwidth(const std::optional<double>& bytes_per_second) {
  constexpr double kBits = 8e-6;  // Mbit per byte
  return bytes_per_second ? number(*bytes_per_second * kBits) : "null";
}

std::string loss(const PathFigures& figures) {
  if (figures.asked == 0) {
    return "null";
  }
  const auto answered = static_cast<double>(figures.trips.size());
  return number(1 - answered / figures.asked);
}

std::string link(const std::string& from, const std::string& to, const PathFigures& figures,
                 const std::optional<double>& speed, const std::string& when) {
  return json_object({{"from", json_string(from)},
                      {"to", json_string(to)},
                      {"latency_ms", latency(figures.trips)},
                      {"bandwidth_mbit_per_s", bandwidth(speed)},
                      {"loss", loss(figures)},
                      {"path", json_string(path_name(figures.path))},
                      {"measured_at", json_string(when)}});
}

}  // namespace

std::string survey_json(const Survey& survey, const std::string& node, std::uint64_t unix_seconds) {
  const std::string when = time_text(unix_seconds);
  std::vector<std::string> links;
  for (const SurveyEntry& one : survey.entries) {
    links.push_back(link(node, one.name, one.figures, one.figures.out, when));
    links.push_back(link(one.name, node, one.figures, one.figures.in, when));
  }
  return json_object(
      {{"schema", json_string("marvel.network/1")}, {"links", "[" + join(links, ",") + "]"}});
}

}  // namespace marvel::vpn
