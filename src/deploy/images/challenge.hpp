#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy::images {

// One way to prove who one is, as a 401 answer offers it (RFC 9110, 11.6.1):
//   Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull"
// Of Bearer, `realm` is the URL that gives tokens, `service` the registry's name there, and `scope`
// what was refused.
struct Challenge {
  std::string scheme;                             // in small letters: "basic", "bearer"
  std::map<std::string, std::string> parameters;  // names in small letters

  // Empty when there is none.
  [[nodiscard]] std::string get(const std::string& name) const;
};

// The challenges of one WWW-Authenticate field, in its order; what cannot be read ends the list. A
// name that comes twice in a challenge has its first value. A token in place of parameters is not
// known as such: "Negotiate abc=" gives an empty parameter `abc`, and "Negotiate abc" a second
// scheme.
std::vector<Challenge> parse_challenges(std::string_view field);

}  // namespace marvel::deploy::images
