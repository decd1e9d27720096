#include "deploy/substitute.hpp"

#include <doctest/doctest.h>

namespace marvel::deploy {
namespace {

std::optional<std::string> lookup(const std::string& name) {
  if (name == "NAME") {
    return "kafka";
  }
  return name == "X" ? std::optional<std::string>("$NAME $$") : std::nullopt;
}

std::string keep(std::string_view text) {
  return substitute(text, lookup, Dollars::kKeep);
}
std::string escape(std::string_view text) {
  return substitute(text, lookup, Dollars::kEscape);
}

}  // namespace

TEST_CASE("known names are replaced in both forms") {
  CHECK(keep("a $NAME b ${NAME} c") == "a kafka b kafka c");
  CHECK(keep("$NAME.svc ${NAME}X $NAME-0") == "kafka.svc kafkaX kafka-0");
}

TEST_CASE("what shells and web servers write with a dollar stays") {
  for (const char* text :
       {"${HOSTNAME##*-}", "$((31090 + ${KAFKA_BROKER_ID}))", "$host", "$1", "$NAMEX", "${name}",
        "${ NAME }", "$(NAME)", "$", "${", "${NAME", "a$", "$-", "${}", "$\xC3\xA9"}) {
    CAPTURE(text);
    CHECK(keep(text) == text);
    CHECK(escape(text) == text);
  }
}

TEST_CASE("two dollars stay unless they are an escape") {
  CHECK(keep("$$ $$NAME") == "$$ $kafka");
  CHECK(escape("$$ $$NAME $$$NAME") == "$ $NAME $kafka");
}

TEST_CASE("a value is not looked at again") {
  CHECK(escape("${X}") == "$NAME $$");
}

TEST_CASE("references are what would be replaced") {
  const auto found = references("a ${B} $C $$D ${e##} $1", Dollars::kEscape);
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "B");
  CHECK(found[0].offset == 2);
  CHECK(found[0].size == 4);
  CHECK(found[1].name == "C");
  CHECK(references("$$D", Dollars::kKeep).size() == 1);
}

}  // namespace marvel::deploy
