#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace marvel {

// The environment as a value, read once in main and passed on, so tests bring their own and no code
// calls getenv while another thread runs. A variable that is set but empty counts as unset, the
// rule of no-color.org for NO_COLOR and a convenience for all others. It does not change after it
// is made, so any thread may read it; what others set in the process later is not seen.
//   const Environment environment{{"TERM", "dumb"}, {"NO_COLOR", "1"}};
//   environment.get("TERM");
class Environment {
 public:
  Environment() = default;
  Environment(std::initializer_list<std::pair<const std::string, std::string>> variables);

  // Copies what `entries` holds: "NAME=value" strings ended by a null pointer, as main gets them.
  // Entries without "=" are left out; of a name that stands there twice the first counts.
  static Environment from_process(const char* const* entries);

  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace marvel
