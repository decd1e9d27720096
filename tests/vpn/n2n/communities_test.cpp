#include "vpn/n2n/communities.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

TEST_CASE("a file of communities has names, networks, users and patterns") {
  const auto list = parse_communities(
      "# comment\n"
      "\n"
      "open\n"
      "grn 10.8.0.0/24\r\n"
      "* logan nHWum+r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG\n"
      "  *  laura  opIyaWhWjKLJSNOHNpKnGmelhHWRqkmY5pAx7lbDHp4  \n"
      "lab[0-9]+\n",
      "c.list");
  REQUIRE(list);
  REQUIRE(list->communities.size() == 2);
  CHECK(list->communities[0].name == "open");
  CHECK_FALSE(list->communities[0].subnet);
  CHECK(list->communities[0].users.empty());
  CHECK(list->communities[1].subnet == Subnet{0x0a080000, 24});
  REQUIRE(list->communities[1].users.size() == 2);
  CHECK(list->communities[1].users[0].name == "logan");
  CHECK(list->communities[1].users[0].key == public_key(user_key("logan", "007")));
  REQUIRE(list->patterns.size() == 1);
  CHECK(list->patterns[0].matches("lab7"));
}

TEST_CASE("a line that is wrong is named") {
  for (const char* const text :
       {"x\na-name-of-20-bytes-ab", "x\ny 10.8.0.1/24", "x\ny 10.8.0.0/24 z", "x\n* a b", "x\n* a",
        "lab.*\n* logan nHWum+r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG", "x\n[a",
        "x\n* a-name-of-16-byt nHWum+r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG"}) {
    CAPTURE(text);
    const auto list = parse_communities(text, "c.list");
    REQUIRE_FALSE(list);
    CHECK(list.error().code == Errc::kInput);
    CHECK(list.error().message.starts_with("c.list:2 "));
  }
  CHECK_FALSE(parse_communities("* logan nHWum+r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG", "c.list"));
}

}  // namespace
}  // namespace marvel::vpn::n2n
