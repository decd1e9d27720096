#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy::images {

// One way to prove who one is, as a 401 answer offers it (RFC 9110, 11.6.1):
//   Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull"
struct Challenge {
  std::string scheme;                             // in small letters: "basic", "bearer"
  std::map<std::string, std::string> parameters;  // names in small letters

  // Empty when there is none.
  [[nodiscard]] std::string get(const std::string& name) const;
};

// The challenges of one WWW-Authenticate field; what cannot be read ends the list. A token in place
// of parameters ("Negotiate abc=") is left out.
std::vector<Challenge> parse_challenges(std::string_view field);

}  // namespace marvel::deploy::images
