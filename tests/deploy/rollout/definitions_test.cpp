#include "deploy/rollout/definitions.hpp"

#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/fake_cluster.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/";

// A cluster that serves "Widget" of test/v2 from the `from`th time on that it is asked for its
// groups.
class Widgets {
 public:
  explicit Widgets(int from) {
    cluster.put(kDefinitions + "widgets.test",
                {{"metadata", {{"name", "widgets.test"}}},
                 {"status", {{"conditions", {{{"type", "Established"}, {"status", "True"}}}}}}});
    cluster.discover = [this, from](const std::string& path) -> std::string {
      if (path == "/apis") {
        ++asked;
        return R"({"groups":[{"preferredVersion":{"groupVersion":"apiextensions.k8s.io/v1"}})" +
               std::string(asked >= from ? R"(,{"preferredVersion":{"groupVersion":"test/v2"}}]})"
                                         : "]}");
      }
      if (path == "/apis/apiextensions.k8s.io/v1") {
        return R"({"resources":[{"name":"customresourcedefinitions",
          "kind":"CustomResourceDefinition"}]})";
      }
      return path == "/apis/test/v2" ? R"({"resources":[{"name":"widgets","kind":"Widget"}]})" : "";
    };
  }

  Result<ApplyReport> apply_both() {
    const json definition = {
        {"apiVersion", "apiextensions.k8s.io/v1"},
        {"kind", "CustomResourceDefinition"},
        {"metadata", {{"name", "widgets.test"}}},
        {"spec", {{"group", "test"}, {"scope", "Cluster"}, {"names", {{"kind", "Widget"}}}}}};
    const json widget = {
        {"apiVersion", "test/v2"}, {"kind", "Widget"}, {"metadata", {{"name", "one"}}}};
    return apply(cluster.connect(), "web", "edge",
                 {deploy::Object(widget), deploy::Object(definition)}, {},
                 [](const auto&) { return Status(); });
  }

  // How often something of the service's bookkeeping was written.
  std::ptrdiff_t records() {
    const auto writes = cluster.writes();
    return std::count_if(writes.begin(), writes.end(), [](const std::string& line) {
      return line.find("/secrets/marvel-web") != std::string::npos;
    });
  }

  FakeCluster cluster;
  int asked = 0;  // by the server's thread
};

}  // namespace

TEST_CASE("a version that an old definition gains is waited for until it is served") {
  Widgets widgets(6);
  const auto report = widgets.apply_both();
  REQUIRE(report.has_value());
  CHECK_FALSE(report->failed());
  CHECK(widgets.asked >= 6);
  CHECK(report->objects[1].action == Action::kCreated);
  CHECK_FALSE(widgets.cluster.get("/apis/test/v2/widgets/one").is_null());
}

TEST_CASE("an object of the whole cluster that came with its definition is nothing the next time") {
  Widgets widgets(3);
  const auto first = widgets.apply_both();
  REQUIRE(first.has_value());
  REQUIRE_FALSE(first->failed());
  const auto records = widgets.records();
  const auto second = widgets.apply_both();
  REQUIRE(second.has_value());
  CHECK_FALSE(second->changed);
  CHECK(second->inventory.revision == 1);
  CHECK(widgets.records() == records);
}

}  // namespace marvel::rollout
