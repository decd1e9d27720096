#pragma once

#include "base/result.hpp"
#include "vpn/n2n/pattern.hpp"
#include "vpn/n2n/user_key.hpp"
#include "vpn/wire/endpoint.hpp"

#include <optional>
#include <string>
#include <vector>

namespace marvel::vpn::n2n {

// A user who may register in a community. The key is the one that user and password give
// (user_key.hpp); a super node never learns the password.
struct User {
  std::string name;
  PublicKey key{};
};
// A community that a super node serves. Supernode::add() and serve() check what stands here.
struct CommunityEntry {
  std::string name;
  // The network that addresses are given from; none: as n2n chooses (auto_address.hpp).
  std::optional<Subnet> subnet;
  // Who may register; none: everybody who knows the name.
  std::vector<User> users;
};

// All that a super node serves: communities by name, and those whose name matches a pattern, which
// are made when an edge first registers in one. A pattern's community has no users and no network
// of its own.
struct CommunityList {
  std::vector<CommunityEntry> communities;
  std::vector<Pattern> patterns;
};

// The text of n2n's file of communities (its option -c):
//   # a comment
//   NAME [NETWORK/BITS]     a community
//   * USER KEY              one of its users; any number of lines below it
//   sens[ou]r[0-9]+         names that match: with one of . * + ? [ ] \ in it
// An example, with a network, a user and a pattern:
//   grn 10.8.0.0/24
//   * logan nHWum+r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG
//   sensor[0-9]+
// Blank lines are passed by, and a comment has its line alone. A user has at most kLongestUser
// characters and a key of 43 (key_text()). A name that is there twice is found by Supernode. `file`
// stands in messages, which name the line. kInput for what is not so.
Result<CommunityList> parse_communities(std::string_view text, const std::string& file);

}  // namespace marvel::vpn::n2n
