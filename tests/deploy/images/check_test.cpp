#include "deploy/images/check.hpp"

#include "deploy/images/image_builder.hpp"
#include "deploy/images/push.hpp"
#include "deploy/images/real_registry.hpp"
#include "support/fakes.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

using test::image_of;
using test::RealRegistry;

std::string entry(const Document& manifest, const std::string& architecture) {
  return R"({"mediaType":")" + manifest.media_type + R"(","digest":")" + manifest.digest +
         R"(","size":)" + std::to_string(manifest.bytes.size()) +
         R"(,"platform":{"os":"linux","architecture":")" + architecture + "\"}}";
}

// a:all is for amd64 and arm64, but the manifest for arm64 is gone.
void put_half_of_an_index(const RealRegistry& server) {
  test::TestContext context;
  PushOptions options;
  options.registry = server.options();
  auto registry = server.client();
  std::vector<std::string> entries;
  std::string gone;
  for (const std::string architecture : {"amd64", "arm64"}) {
    const auto image = image_of({"one"}, architecture);
    const auto target = *parse_reference(server.host() + "/a:" + architecture);
    REQUIRE(push(image, target, options, context.context).has_value());
    entries.push_back(entry(image.documents.back(), architecture));
    gone = image.documents.back().digest;
  }
  const std::string index = R"({"schemaVersion":2,"mediaType":")" + std::string(kOciIndex) +
                            R"(","manifests":[)" + entries[0] + "," + entries[1] + "]}";
  REQUIRE(registry.put_manifest("a", "all", kOciIndex, index, test::digest_of(index)).has_value());
  REQUIRE(registry.delete_manifest("a", gone).has_value());
}

}  // namespace

TEST_CASE("each image is good, missing, for another platform, misnamed, or unknown") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  const StopFlag never;
  test::TestContext context;
  PushOptions options;
  options.registry = server.options();
  const std::string host = server.host();
  REQUIRE(push(image_of({"one"}), *parse_reference(host + "/a:1"), options, context.context)
              .has_value());
  int made = 0;
  const RegistryMaker make = [&](const Reference& image) -> Result<Registry> {
    ++made;
    if (image.registry != host) {
      return fail(Errc::kUnavailable, "no way to " + image.registry);
    }
    return Registry(server.options(), never);
  };
  const auto states = [&](const std::vector<Platform>& platforms) {
    std::vector<CheckState> all;
    const std::vector<ImageUse> uses{{host + "/a:1", "f:1:1"},
                                     {host + "/a:2", "f:2:1"},
                                     {host + "/A", "f:3:1"},
                                     {"x.example/a:1", "f:4:1"},
                                     {host + "/a:1", "f:5:1"}};
    const auto rows = check_images(uses, platforms, make, context.context);
    REQUIRE(rows.has_value());
    for (const auto& row : *rows) {
      all.push_back(row.state);
    }
    return all;
  };
  using enum CheckState;
  CHECK(states({}) == std::vector{kGood, kMissing, kInvalid, kUnknown, kGood});
  CHECK(made == 2);
  CHECK(states({{"linux", "amd64", ""}}) ==
        std::vector{kGood, kMissing, kInvalid, kUnknown, kGood});
  CHECK(states({{"linux", "amd64", ""}, {"linux", "arm64", ""}}) ==
        std::vector{kWrongPlatform, kMissing, kInvalid, kUnknown, kWrongPlatform});
}

TEST_CASE("an index whose manifest for one platform is gone lacks that platform alone") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  put_half_of_an_index(server);
  test::TestContext context;
  const RegistryMaker make = [&](const Reference&) { return server.client(); };
  const auto asked = [&](const std::string& architecture) {
    const auto rows = check_images({{server.host() + "/a:all", "f:1:1"}},
                                   {{"linux", architecture, ""}}, make, context.context);
    REQUIRE(rows.has_value());
    return rows->front();
  };
  CHECK(asked("amd64").state == CheckState::kGood);
  const auto row = asked("arm64");
  CHECK(row.state == CheckState::kWrongPlatform);
  CHECK(row.note ==
        "not for linux/arm64 (its manifest is missing in the registry); it is for linux/amd64");
}

TEST_CASE("a stop ends the asking") {
  test::TestContext context;
  context.stop.raise(2);
  const RegistryMaker make = [](const Reference&) -> Result<Registry> {
    return fail(Errc::kUnavailable, "never");
  };
  CHECK_FALSE(check_images({{"a:1", "f"}}, {}, make, context.context).has_value());
}

}  // namespace marvel::deploy::images
