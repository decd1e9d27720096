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

// Puts an index of one document under `tag`, and says its digest.
std::string put_index(Registry& registry, const std::string& tag, const std::string& media_type,
                      const std::string& digest, std::size_t size) {
  const std::string index = R"({"schemaVersion":2,"mediaType":")" + std::string(kOciIndex) +
                            R"(","manifests":[{"mediaType":")" + media_type + R"(","digest":")" +
                            digest + R"(","size":)" + std::to_string(size) + "}]}";
  REQUIRE(registry.put_manifest("a", tag, kOciIndex, index, test::digest_of(index)).has_value());
  return test::digest_of(index);
}

}  // namespace

TEST_CASE("a platform of another tag's image is not removed, however deep it is listed") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  fill(server);
  auto registry = server.client();
  const auto image = registry.fetch_manifest("a", "1");
  REQUIRE(image.has_value());
  const auto reference = *parse_reference(server.host() + "/a:1");
  const std::string index =
      put_index(registry, "all", kOciManifest, image->digest, image->bytes.size());
  const std::string outer = put_index(registry, "outer", kOciIndex, index, 300);
  const auto removal = plan_removal(registry, reference, StopFlag());
  REQUIRE_FALSE(removal.has_value());
  CHECK(removal.error().code == Errc::kConflict);
  CHECK(removal.error().message.ends_with("platforms: all, outer"));
  CHECK(
      plan_removal(registry, *parse_reference(server.host() + "/a:outer"), StopFlag()).has_value());
  REQUIRE(registry.delete_manifest("a", outer).has_value());
  REQUIRE(registry.delete_manifest("a", index).has_value());
  CHECK(plan_removal(registry, reference, StopFlag()).has_value());
}

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
