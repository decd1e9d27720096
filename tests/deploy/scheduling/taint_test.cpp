#include "deploy/scheduling/taint.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::scheduling {

TEST_CASE("a toleration matches by effect, key and operator") {
  const Taint taint{"Layer", "EDGE1", "NoSchedule", ""};
  struct Row {
    Toleration toleration;
    bool expected;
  };
  for (const Row& row : {Row{{"Layer", "Equal", "EDGE1", "", {}}, true},
                         {{"Layer", "", "EDGE1", "NoSchedule", {}}, true},
                         {{"Layer", "Equal", "EDGE2", "", {}}, false},
                         {{"Layer", "Equal", "EDGE1", "NoExecute", {}}, false},
                         {{"Layer", "Exists", "", "", {}}, true},
                         {{"", "Exists", "", "", {}}, true},
                         {{"", "Exists", "", "NoExecute", {}}, false},
                         {{"Site", "Exists", "", "", {}}, false},
                         {{"Layer", "Gt", "1", "", {}}, false},
                         {{"Layer", "Other", "EDGE1", "", {}}, false}}) {
    CAPTURE(row.toleration.op);
    CAPTURE(row.toleration.value);
    CHECK(tolerates(row.toleration, taint) == row.expected);
  }
}

TEST_CASE("a taint is there with its value, whenever it was set") {
  const std::vector<Taint> taints{{"a", "1", "NoExecute", "2024-01-01T00:00:00Z"}};
  CHECK(has_taint(taints, {"a", "1", "NoExecute", ""}));
  CHECK_FALSE(has_taint(taints, {"a", "2", "NoExecute", ""}));
  CHECK_FALSE(has_taint(taints, {"a", "1", "NoSchedule", ""}));
  CHECK_FALSE(has_taint({}, taints[0]));
}

TEST_CASE("PreferNoSchedule keeps no pod away") {
  const std::vector<Taint> taints{{"a", "", "PreferNoSchedule", ""}, {"b", "", "NoExecute", ""}};
  CHECK(find_untolerated(taints, {}) == &taints[1]);
  CHECK(find_untolerated(taints, {{"b", "Exists", "", "", {}}}) == nullptr);
}

TEST_CASE("a pod stays as long as the shortest matching toleration says") {
  const Taint taint{"k", "", "NoExecute", ""};
  const Toleration forever{"k", "Exists", "", "", {}};
  const Toleration minute{"k", "Exists", "", "NoExecute", 60};
  const Toleration negative{"k", "Exists", "", "NoExecute", -5};
  CHECK(stay_seconds({}, taint) == 0);
  CHECK(stay_seconds({forever}, taint) == std::nullopt);
  CHECK(stay_seconds({forever, minute}, taint) == 60);
  CHECK(stay_seconds({minute, negative}, taint) == 0);
  CHECK(stay_seconds({negative}, taint) == 0);
}

TEST_CASE("taints survive the way through JSON, times included") {
  const std::vector<Taint> taints{{"a", "1", "NoSchedule", ""},
                                  {"b", "", "NoExecute", "2024-01-01T00:00:00Z"}};
  CHECK(taints_from(to_json(taints)) == taints);
  CHECK(taints_from(nlohmann::json("text")).empty());
  CHECK(to_string(taints[0]) == "a=1:NoSchedule");
  CHECK(to_string(taints[1]) == "b:NoExecute");
}

}  // namespace marvel::scheduling
