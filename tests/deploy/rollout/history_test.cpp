#include "deploy/rollout/history.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

Inventory service() {
  return *new_inventory("grn", "edge", "kafka");
}

Wanted wanted(const json& body) {
  Wanted one;
  one.body = body.dump();
  return one;
}

json config_map(const std::string& name) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}, {"labels", {{kPartOfLabel, "applyset-x-v1"}}}}}};
}

}  // namespace

TEST_CASE("a revision survives the way to the server and back") {
  Revision made{7, "", "rollback to 3", "kafka", true, objects_of({wanted(config_map("a"))})};
  json secret = revision_object(service(), made);
  CHECK(secret["metadata"]["name"] == "marvel-grn.v7");
  secret["metadata"]["creationTimestamp"] = "2026-01-02T03:04:05Z";
  const auto read = revision_from(secret);
  REQUIRE(read.has_value());
  CHECK(read->number == 7);
  CHECK(read->when == "2026-01-02T03:04:05Z");
  CHECK(read->cause == "rollback to 3");
  CHECK(read->origin == "kafka");
  CHECK(read->singleton);
  REQUIRE(read->objects.size() == 1);
  CHECK(read->objects[0].body() ==
        json{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "a"}}}});
}

TEST_CASE("a revision keeps where its secrets are") {
  Wanted one = wanted(config_map("a"));
  one.hidden = {{".data.url", "db://********"}};
  const Revision made{1, "", "apply", "", false, objects_of({one, wanted(config_map("b"))})};
  json secret = revision_object(service(), made);
  const auto read = revision_from(secret);
  REQUIRE(read.has_value());
  CHECK(read->objects[0].hidden() == one.hidden);
  CHECK(read->objects[1].hidden().empty());
  secret["data"]["hidden"] = "AAAA";
  CHECK_FALSE(revision_from(secret).has_value());
  secret["data"].erase("hidden");  // as revisions were before
  CHECK(revision_from(secret).has_value());
}

TEST_CASE("own labels stay, the set's does not") {
  json body = config_map("a");
  body["metadata"]["labels"]["app"] = "web";
  const auto objects = objects_of({wanted(body)});
  CHECK(objects[0].body()["metadata"]["labels"] == json{{"app", "web"}});
}

TEST_CASE("damaged revisions are refused by name") {
  const json good = revision_object(service(), {2, "", "apply", "", false, {}});
  CHECK(revision_from(good).has_value());
  json bad = good;
  bad["data"]["objects"] = "AAAA";
  CHECK(revision_from(bad).error().message == "Secret marvel-grn.v2 is no whole gzip file");
  bad = good;
  bad["metadata"]["annotations"].erase(kRevisionAnnotation);
  CHECK(revision_from(bad).error().message == "Secret marvel-grn.v2 names no revision");
  bad["metadata"]["annotations"][kRevisionAnnotation] = "-1";
  CHECK_FALSE(revision_from(bad).has_value());
  CHECK_FALSE(revision_from(json()).has_value());
}

TEST_CASE("the digest is that of the objects, whatever their order") {
  const std::vector<Wanted> two{wanted(config_map("a")), wanted(config_map("b"))};
  const std::vector<Wanted> turned{two[1], two[0]};
  CHECK(*digest_of(two) == *digest_of(turned));
  CHECK(*digest_of(two) != *digest_of({two[0]}));
  CHECK(digest_of({}).value().size() == 64);
}

}  // namespace marvel::rollout
