#include "deploy/images/inventory.hpp"

#include "deploy/images/image_builder.hpp"
#include "deploy/images/push.hpp"
#include "deploy/images/real_registry.hpp"
#include "support/fakes.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

using test::image_of;
using test::RealRegistry;

// a:1 and a:2 are one image; b:1 is another.
void fill(const RealRegistry& server) {
  test::TestContext context;
  PushOptions options;
  options.registry = server.options();
  for (const std::string target : {"a:1", "a:2", "b:1"}) {
    const auto image = target == "b:1" ? image_of({"one", "three"}, "arm64") : image_of({"one"});
    REQUIRE(push(image, *parse_reference(server.host() + "/" + target), options, context.context)
                .has_value());
  }
}

}  // namespace

TEST_CASE("the list has every tag, sorted, with size and platform") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  fill(server);
  auto registry = server.client();
  test::TestContext context;
  const auto rows = list_tags(registry, "", context.context);
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 3);
  CHECK((*rows)[0].tag == "1");
  CHECK((*rows)[0].digest == (*rows)[1].digest);
  CHECK((*rows)[2].repository == "b");
  CHECK((*rows)[2].platforms == std::vector<std::string>{"linux/arm64"});
  const auto config = image_of({"one"}).blobs.back().descriptor.size;
  CHECK((*rows)[0].size == 3 + config);
  CHECK(list_tags(registry, "b", context.context)->size() == 1);
  CHECK(list_tags(registry, "none", context.context).error().code == Errc::kNotFound);
}

TEST_CASE("an inspection tells what runs and where") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  fill(server);
  auto registry = server.client();
  const auto inspection = inspect(registry, *parse_reference(server.host() + "/b:1"));
  REQUIRE(inspection.has_value());
  REQUIRE(inspection->images.size() == 1);
  CHECK(inspection->images[0].config.command == std::vector<std::string>{"/run"});
  CHECK(inspection->images[0].layers.size() == 2);
  CHECK(inspect(registry, *parse_reference(server.host() + "/b:9")).error().code ==
        Errc::kNotFound);
}

TEST_CASE("a removal names every tag of the digest, and the registry agrees") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  fill(server);
  auto registry = server.client();
  const auto reference = *parse_reference(server.host() + "/a:1");
  const auto removal = plan_removal(registry, reference, StopFlag());
  REQUIRE(removal.has_value());
  CHECK(removal->tags == std::vector<std::string>{"1", "2"});
  REQUIRE(registry.delete_manifest("a", removal->digest).has_value());
  CHECK_FALSE(registry.find_manifest("a", "2")->has_value());
  CHECK(registry.tags("a")->empty());
  CHECK(registry.find_manifest("b", "1")->has_value());
  CHECK(plan_removal(registry, reference, StopFlag()).error().code == Errc::kNotFound);
}

}  // namespace marvel::deploy::images
