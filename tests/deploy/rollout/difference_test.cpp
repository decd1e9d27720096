#include "deploy/rollout/difference.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

std::vector<FieldChange> between(const char* before, const char* after) {
  return differences(nlohmann::json::parse(before), nlohmann::json::parse(after));
}

}  // namespace

TEST_CASE("fields are named by their paths, items of lists by their names") {
  CHECK(between(R"({"spec":{"replicas":1,"gone":true}})", R"({"spec":{"replicas":2,"new":"x"}})") ==
        std::vector<FieldChange>{
            {".spec.gone", "true", ""}, {".spec.new", "", "\"x\""}, {".spec.replicas", "1", "2"}});
  CHECK(between(R"({"c":[{"name":"a","v":1},{"name":"b"}]})",
                R"({"c":[{"name":"b"},{"name":"a","v":2}]})") ==
        std::vector<FieldChange>{{".c[name=a].v", "1", "2"}});
  CHECK(between(R"({"l":[1,2]})", R"({"l":[1,3,4]})") ==
        std::vector<FieldChange>{{".l[1]", "2", "3"}, {".l[2]", "", "4"}});
  CHECK(between(R"({"m":{"a.b/c":1}})", R"({"m":{"a.b/c":2}})") ==
        std::vector<FieldChange>{{".m[a.b/c]", "1", "2"}});
}

TEST_CASE("what servers write themselves is no difference") {
  CHECK(between(R"({"metadata":{"resourceVersion":"1","managedFields":[1]},"status":{"a":1}})",
                R"({"metadata":{"resourceVersion":"2","generation":3},"status":{"a":2}})")
            .empty());
}

TEST_CASE("secrets differ without being shown") {
  CHECK(between(R"({"kind":"Secret","data":{"p":"b2xk"}})",
                R"({"kind":"Secret","data":{"p":"bmV3"}})") ==
        std::vector<FieldChange>{{".data.p", "********", "********"}});
  for (const auto& change : between("null", R"({"kind":"Secret","data":{"p":"bmV3"}})")) {
    CHECK(change.after.find("bmV3") == std::string::npos);
  }
}

TEST_CASE(
    "what is hidden differs without being shown, on both sides and wherever it stands again") {
  const auto between_hidden = [](const char* before, const char* after) {
    return differences(nlohmann::json::parse(before), nlohmann::json::parse(after),
                       {{".env[name=PW].value", "********"}});
  };
  CHECK(between_hidden(R"({"env":[{"name":"PW","value":"old"}]})",
                       R"({"env":[{"name":"PW","value":"new"}]})") ==
        std::vector<FieldChange>{{".env[name=PW].value", "\"********\"", "\"********\""}});
  CHECK(between_hidden(R"({"env":[{"name":"PW","value":"hunter2"}],"args":["-p","hunter2"]})",
                       R"({"args":["-v","-p","hunter2"]})") ==
        std::vector<FieldChange>{{".args[0]", "\"-p\"", "\"-v\""},
                                 {".args[1]", "\"********\"", "\"-p\""},
                                 {".args[2]", "", "\"********\""},
                                 {".env", R"([{"name":"PW","value":"********"}])", ""}});
}

TEST_CASE("below a place that is hidden as a whole nothing is shown") {
  const auto changes = differences(nlohmann::json::parse(R"({"labels":{"a":{"b":"x"}}})"),
                                   nlohmann::json::parse(R"({"labels":{"a":{"b":"y"}}})"),
                                   {{".labels", "********"}});
  CHECK(changes == std::vector<FieldChange>{{".labels.a.b", "\"********\"", "\"********\""}});
}

}  // namespace marvel::rollout
