#pragma once

#include "base/result.hpp"
#include "vpn/n2n/pattern.hpp"
#include "vpn/n2n/user_key.hpp"
#include "vpn/wire/endpoint.hpp"

#include <optional>
#include <string>
#include <vector>

namespace marvel::vpn::n2n {

// A user who may register in a community.
struct User {
  std::string name;
  PublicKey key{};
};
// A community that a super node serves.
struct CommunityEntry {
  std::string name;
  std::optional<Subnet> subnet;  // none: as n2n chooses
  std::vector<User> users;       // none: everybody may join
};

struct CommunityList {
  std::vector<CommunityEntry> communities;
  std::vector<Pattern> patterns;
};

// The text of n2n's file of communities (its option -c):
//   # a comment
//   NAME [NETWORK/BITS]     a community
//   * USER KEY              one of its users; any number of lines below it
//   sens[ou]r[0-9]+         names that match: with one of . * + ? [ ] \ in it
// `file` stands in messages, which name the line. kInput for what is not so.
Result<CommunityList> parse_communities(std::string_view text, const std::string& file);

}  // namespace marvel::vpn::n2n
