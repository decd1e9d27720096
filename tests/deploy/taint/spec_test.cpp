#include "deploy/taint/spec.hpp"

#include <doctest/doctest.h>

namespace marvel::taint {
namespace {

std::string refusal(const std::vector<std::string>& words) {
  const auto request = parse_request(words);
  REQUIRE_FALSE(request.has_value());
  CHECK(request.error().code == Errc::kUsage);
  return request.error().message;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("names come first, then what to add and to remove") {
  const auto request = parse_request(
      {"n1", "n2", "Layer=E:NoSchedule", "a.b/c:NoExecute", "old-", "x=ignored:NoSchedule-"});
  REQUIRE(request.has_value());
  CHECK(request->nodes == std::vector<std::string>{"n1", "n2"});
  CHECK(request->add ==
        std::vector<Taint>{{"Layer", "E", "NoSchedule", ""}, {"a.b/c", "", "NoExecute", ""}});
  REQUIRE(request->remove.size() == 2);
  CHECK(request->remove[0].key == "old");
  CHECK(request->remove[0].effect.empty());
  CHECK(request->remove[1].key == "x");
  CHECK(request->remove[1].effect == "NoSchedule");
}

TEST_CASE("what kubectl refuses is refused") {
  CHECK(contains(refusal({"n"}), "at least one taint update"));
  CHECK(contains(refusal({"n", "a=b:NoSchedule", "m"}), "all resources must be specified before"));
  CHECK(contains(refusal({"n", "a=b:Bad"}), "no effect"));
  CHECK(contains(refusal({"n", "a=b"}), "an effect is missing"));
  CHECK(contains(refusal({"n", "a=b:NoSchedule", "a=c:NoSchedule"}), "duplicated"));
  CHECK(contains(refusal({"n", "a=b:NoSchedule", "a-"}), "modify and remove"));
  CHECK(contains(refusal({"n", "a=b:NoSchedule", "a:NoSchedule-"}), "modify and remove"));
  CHECK(parse_request({"n", "a=b:NoSchedule", "a:NoExecute-"}).has_value());
  for (const char* spec :
       {"=b:NoSchedule", "-", ":NoSchedule", "a b:NoSchedule", "-a:NoSchedule", "a-:NoSchedule",
        "/a:NoSchedule", "A.b/c:NoSchedule", "a/b/c:NoSchedule", "a=b c:NoSchedule",
        "a=-b:NoSchedule", "a:NoSchedule:NoExecute", "a=b=c:NoSchedule"}) {
    CAPTURE(spec);
    CHECK_FALSE(parse_request({"n", spec}).has_value());
  }
}

TEST_CASE("lengths are those of labels") {
  CHECK(is_qualified_name(std::string(63, 'a')));
  CHECK_FALSE(is_qualified_name(std::string(64, 'a')));
  CHECK(is_qualified_name(std::string(253, 'a') + "/a"));
  CHECK_FALSE(is_qualified_name(std::string(254, 'a') + "/a"));
  CHECK(is_label_value(""));
  CHECK_FALSE(is_label_value(std::string(64, 'a')));
}

}  // namespace marvel::taint
