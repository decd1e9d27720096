#include "deploy/images/push.hpp"

#include "deploy/images/image_builder.hpp"
#include "deploy/images/real_registry.hpp"
#include "support/fakes.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

using test::image_of;
using test::RealRegistry;

Result<PushReport> push_to(const RealRegistry& server, const ArchiveImage& image,
                           const std::string& target, std::vector<std::string> mount_from = {}) {
  test::TestContext context;
  PushOptions options;
  options.registry = server.options();
  options.mount_from = std::move(mount_from);
  return push(image, *parse_reference(server.host() + "/" + target), options, context.context);
}

}  // namespace

TEST_CASE("a push makes the image, a second one changes nothing, a new tag sends nothing") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  const auto image = image_of({"one", "two", "three", "four", "five"});
  const auto first = push_to(server, image, "a:1");
  REQUIRE(first.has_value());
  CHECK(first->uploaded == 6);
  CHECK_FALSE(first->unchanged);
  CHECK(push_to(server, image, "a:1")->unchanged);
  const auto other = push_to(server, image, "a:2");
  REQUIRE(other.has_value());
  CHECK(other->there == 6);
  CHECK(other->bytes == 0);
  CHECK(server.client().fetch_manifest("a", "2")->digest == image.documents.back().digest);
}

TEST_CASE("a tag that is missing is made although its digest is there") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  const auto image = image_of({"one"});
  const std::string digest = image.documents.back().digest;
  REQUIRE(push_to(server, image, "a:1").has_value());
  const auto report = push_to(server, image, "a:2@" + digest);
  REQUIRE(report.has_value());
  CHECK_FALSE(report->unchanged);
  CHECK(server.client().fetch_manifest("a", "2")->digest == digest);
  CHECK(push_to(server, image, "a:2@" + digest)->unchanged);
}

TEST_CASE("layers are taken from another repository of the registry where it has them") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  REQUIRE(push_to(server, image_of({"one", "two"}), "a:1").has_value());
  const auto report = push_to(server, image_of({"one", "two", "new"}), "b:1", {"none", "a"});
  REQUIRE(report.has_value());
  CHECK(report->mounted == 3);
  CHECK(report->uploaded == 1);
}

TEST_CASE("a tag never names an image that is not whole") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  auto image = image_of({"one", "two"});
  image.blobs[1].source = memory_source("TWO", "damaged.tar");
  const auto report = push_to(server, image, "a:1");
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Errc::kInput);
  CHECK_FALSE(server.client().find_manifest("a", "1")->has_value());
}

TEST_CASE("an image of another digest than asked for is refused") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  const auto image = image_of({"one"});
  CHECK_FALSE(push_to(server, image, "a@sha256:" + std::string(64, 'a')).has_value());
  CHECK(push_to(server, image, "a@" + image.documents.back().digest).has_value());
  CHECK(server.client().find_manifest("a", image.documents.back().digest)->has_value());
  CHECK_FALSE(server.client().find_manifest("a", "latest")->has_value());
}

}  // namespace marvel::deploy::images
