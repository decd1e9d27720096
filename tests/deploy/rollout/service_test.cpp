#include "deploy/rollout/service.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {

TEST_CASE("ids are those of the ApplySet specification") {
  CHECK(applyset_id("demo", "grn", "Secret", "") ==
        "applyset-1EDl1LVPjQnLrA0D7KKkqytEV6gww_KiCAYDVepquJM-v1");
  CHECK(applyset_id("my-app", "default", "Secret", "") ==
        "applyset-iCeuHqlt3ov6n803ZrPFVTjduUezM6ZFQZ3bDz9dLBo-v1");
}

TEST_CASE("an inventory survives the way to the server and back") {
  auto made = new_inventory("grn", "edge", "kafka");
  REQUIRE(made.has_value());
  made->kinds = {"ConfigMap", "Deployment.apps"};
  made->spaces = {"other"};
  made->revision = 3;
  made->digest = "abc";
  made->unfinished = true;
  made->wanted = {{"apps/v1", "Deployment", "edge", "web"}, {"v1", "Namespace", "", "edge"}};
  made->hidden = {{"Deployment edge/web", {{".spec.x", "db://********"}}}};
  const auto read = inventory_from(parent_object(*made));
  REQUIRE(read.has_value());
  CHECK(read->id == made->id);
  CHECK(read->kinds == made->kinds);
  CHECK(read->spaces == made->spaces);
  CHECK(read->origin == "kafka");
  CHECK(read->revision == 3);
  CHECK(read->digest == "abc");
  CHECK(read->unfinished);
  CHECK(read->wanted == made->wanted);
  CHECK(read->hidden == made->hidden);
  made->unfinished = false;
  CHECK_FALSE(inventory_from(parent_object(*made))->unfinished);
}

TEST_CASE("what an older program has not noted, or what is damaged, is not known") {
  auto made = *new_inventory("grn", "edge", "");
  CHECK_FALSE(inventory_from(parent_object(made))->wanted.has_value());
  made.wanted.emplace();
  CHECK(inventory_from(parent_object(made))->wanted.has_value());
  for (const char* part : {"wanted", "hidden"}) {
    auto parent = parent_object(made);
    parent["data"][part] = "AAAA";
    CHECK_FALSE(inventory_from(parent)->wanted.has_value());
  }
}

TEST_CASE("the sets of others and copies are refused") {
  auto parent = parent_object(*new_inventory("grn", "edge", ""));
  parent["metadata"]["namespace"] = "elsewhere";
  CHECK(inventory_from(parent).error().message.find("id of another set") != std::string::npos);
  parent["metadata"]["annotations"][kToolingAnnotation] = "kubectl/v1.30";
  CHECK(inventory_from(parent).error().code == Errc::kConflict);
  CHECK_FALSE(inventory_from(nlohmann::json()).has_value());
}

TEST_CASE("names of services leave room in names of objects") {
  CHECK(check_service_name("grn-vad2").has_value());
  for (const std::string name : {"", "-a", "a-", "A", "a.b", "a b", "ä"}) {
    CAPTURE(name);
    CHECK_FALSE(check_service_name(name).has_value());
  }
  CHECK_FALSE(check_service_name(std::string(51, 'a')).has_value());
}

}  // namespace marvel::rollout
