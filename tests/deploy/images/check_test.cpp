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
  const RegistryMaker make = [&](const std::string& name) -> Result<Registry> {
    ++made;
    if (name != host) {
      return fail(Errc::kUnavailable, "no way to " + name);
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

TEST_CASE("a stop ends the asking") {
  test::TestContext context;
  context.stop.raise(2);
  const RegistryMaker make = [](const std::string&) -> Result<Registry> {
    return fail(Errc::kUnavailable, "never");
  };
  CHECK_FALSE(check_images({{"a:1", "f"}}, {}, make, context.context).has_value());
}

}  // namespace marvel::deploy::images
