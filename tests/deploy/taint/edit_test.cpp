#include "deploy/taint/edit.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::taint {
namespace {

const Taint kOld{"Layer", "A", "NoSchedule", ""};
const Taint kOther{"x", "", "NoExecute", "2024-01-01T00:00:00Z"};

scheduling::Node node(std::vector<Taint> taints, scheduling::Labels labels = {}) {
  scheduling::Node made;
  made.name = "n";
  made.taints = std::move(taints);
  made.labels = std::move(labels);
  return made;
}

Edit edited(const scheduling::Node& on, const std::vector<std::string>& words,
            const EditRules& rules = {}) {
  const auto request = parse_request(words);
  REQUIRE(request.has_value());
  return edit(on, *request, rules);
}

}  // namespace

TEST_CASE("added taints stand first, untouched ones stay as they were") {
  const Edit made = edited(node({kOther}), {"Layer=A:NoSchedule"});
  CHECK(made.outcome == Outcome::kTainted);
  CHECK(made.taints == std::vector<Taint>{kOld, kOther});
}

TEST_CASE("what is there already is unchanged, another value is in the way") {
  CHECK(edited(node({kOld}), {"Layer=A:NoSchedule"}).outcome == Outcome::kUnchanged);
  const Edit other = edited(node({kOld}), {"Layer=B:NoSchedule"});
  CHECK(other.outcome == Outcome::kExists);
  CHECK(
      other.problem ==
      "node n already has Layer:NoSchedule taint(s) with same effect(s) and --overwrite is false");
  CHECK(edited(node({kOld}), {"Layer=B:NoSchedule"}, {.overwrite = true}).outcome ==
        Outcome::kModified);
  CHECK(edited(node({kOld}), {"Layer=A:NoSchedule"}, {.overwrite = true}).outcome ==
        Outcome::kUnchanged);
}

TEST_CASE("kubectl's rules are stricter, and its --overwrite always writes") {
  const EditRules rules{.kubectl = true};
  CHECK(edited(node({kOld}), {"Layer=A:NoSchedule"}, rules).problem ==
        "node n already has Layer taint(s) with same effect(s) and --overwrite is false");
  CHECK(
      edited(node({kOld}), {"Layer=A:NoSchedule"}, {.overwrite = true, .kubectl = true}).outcome ==
      Outcome::kModified);
  CHECK(edited(node({kOld}), {"Layer-"}, {.overwrite = true, .kubectl = true}).outcome ==
        Outcome::kModified);
  CHECK(edited(node({kOld}), {"Layer-"}, rules).outcome == Outcome::kUntainted);
  CHECK(edited(node({}), {"a-"}, {.ignore_not_found = true, .kubectl = true}).outcome ==
        Outcome::kAbsent);
}

TEST_CASE("removal takes all effects of a key, or the one named") {
  const Taint prefer{"Layer", "", "PreferNoSchedule", ""};
  CHECK(edited(node({kOld, prefer, kOther}), {"Layer-"}).taints == std::vector<Taint>{kOther});
  CHECK(edited(node({kOld, prefer}), {"Layer:NoSchedule-"}).taints == std::vector<Taint>{prefer});
  CHECK(edited(node({kOld}), {"Layer:NoExecute-"}).problem ==
        "taint \"Layer:NoExecute\" not found");
  CHECK(edited(node({}), {"Layer=A:NoExecute-"}).problem == "taint \"Layer:NoExecute\" not found");
  CHECK(edited(node({}), {"a-", "b-"}).problem == "[taint \"a\" not found, taint \"b\" not found]");
  CHECK(edited(node({}), {"a-"}, {.ignore_not_found = true}).outcome == Outcome::kUnchanged);
  CHECK(edited(node({kOther}), {"x-"}).outcome == Outcome::kUntainted);
}

TEST_CASE("labels go along with taints, and leave with the last of a key") {
  const EditRules rules{.label = true};
  CHECK(edited(node({}), {"Layer=A:NoSchedule"}, rules).labels.at("Layer") == "A");
  const Edit only_label = edited(node({kOld}), {"Layer=A:NoSchedule"}, rules);
  CHECK(only_label.outcome == Outcome::kModified);
  CHECK(edited(node({kOld}, {{"Layer", "A"}}), {"Layer=A:NoSchedule"}, rules).outcome ==
        Outcome::kUnchanged);
  CHECK(edited(node({}, {{"Layer", "B"}}), {"Layer=A:NoSchedule"}, rules).outcome ==
        Outcome::kExists);
  CHECK(edited(node({kOld}, {{"Layer", "A"}}), {"Layer-"}, rules).labels.at("Layer") ==
        std::nullopt);
  const Taint prefer{"Layer", "", "PreferNoSchedule", ""};
  CHECK(
      edited(node({kOld, prefer}, {{"Layer", "A"}}), {"Layer:NoSchedule-"}, rules).labels.empty());
}

TEST_CASE("a patch carries the version it was made of, and null where nothing is left") {
  Edit made = edited(node({kOther}, {{"x", "1"}}), {"x-"}, {.label = true});
  CHECK(patch_of(made, "7") ==
        nlohmann::json::parse(
            R"({"metadata":{"resourceVersion":"7","labels":{"x":null}},"spec":{"taints":null}})"));
  made = edited(node({kOther}), {"Layer=A:NoSchedule"});
  CHECK(patch_of(made, "8")["spec"]["taints"][1]["timeAdded"] == "2024-01-01T00:00:00Z");
}

}  // namespace marvel::taint
