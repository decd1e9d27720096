#include "net/metrics_text.hpp"

#include "base/utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace marvel::net {
namespace {

std::string number_text(double value) {
  if (!std::isfinite(value)) {
    return std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string sample(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

}  // namespace

std::string metric_head(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::string metric_label(const std::string& name, std::string_view value) {
  std::string text = name + "=\"";
  for (const char byte : shown_text(value, value.size())) {
    if (byte == '"' || byte == '\\') {
      text += '\\';
    }
    text += byte;
  }
  return text + "\"";
}

std::string metric_line(const std::string& name, const std::string& labels, std::uint64_t value) {
  return sample(name, labels, std::to_string(value));
}

std::string metric_line(const std::string& name, const std::string& labels, double value) {
  return sample(name, labels, number_text(value));
}

std::string metric_total(const std::string& name, const std::string& help, std::uint64_t value) {
  return metric_head(name, "counter", help) + metric_line(name, "", value);
}

}  // namespace marvel::net
