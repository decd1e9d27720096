#include "deploy/images/credentials.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

// "anna:hush"
constexpr const char* kFile = R"({"auths": {"https://index.docker.io/v1/": {"auth": "YW5uYTpodXNo"},
    "h.example:5000": {"auth": "YW5uYTpodXNo"}, "plain.example": {"username": "u", "password": "p"},
    "empty.example": {}, "broken.example": {"auth": "?"}, "helped.example": {"auth": "YW5uYTpodXNo"},
    "quay.example/team": {"username": "team", "password": "p"},
    "quay.example/team/app": {"username": "app", "password": "p"},
    "quay.example": {"username": "all", "password": "p"},
    "only.example/team": {"username": "team", "password": "p"}},
    "credHelpers": {"helped.example": "own", "https://hub.example/v2/": "url"}})";

std::optional<Credential> stored(const std::string& registry, const std::string& repository = "r") {
  const auto found = read_credentials(kFile, registry, repository, "config.json");
  return found ? found->credential : std::nullopt;
}

}  // namespace

TEST_CASE("entries are found by host and port, Docker Hub's by its old URL") {
  CHECK(stored("h.example:5000")->user == "anna");
  CHECK(stored("h.example:5000")->password == "hush");
  CHECK(stored("docker.io")->user == "anna");
  CHECK(stored("plain.example")->password == "p");
  for (const auto* const none :
       {"h.example", "h.example:5001", "example", "empty.example", "broken.example"}) {
    CHECK_FALSE(stored(none).has_value());
  }
}

TEST_CASE("the longest key that begins the repository counts, and one with a path for no other") {
  CHECK(stored("quay.example", "team/app")->user == "app");
  CHECK(stored("quay.example", "team/app/x")->user == "app");
  CHECK(stored("quay.example", "team/apple")->user == "team");
  CHECK(stored("quay.example", "teams/app")->user == "all");
  CHECK(stored("quay.example", "")->user == "all");
  CHECK(stored("only.example", "team/app")->user == "team");
  CHECK_FALSE(stored("only.example", "other/app").has_value());
  CHECK_FALSE(stored("only.example", "").has_value());
}

TEST_CASE("a registry's own helper goes before the entry, the entry before the common helper") {
  const auto own = read_credentials(kFile, "helped.example", "r", "f");
  CHECK(own->helper == "own");
  CHECK_FALSE(own->credential.has_value());
  CHECK(read_credentials(kFile, "hub.example", "r", "f")->helper == "url");
  const auto* const both = R"({"auths": {"a": {"username": "u", "password": "p"}, "b": {}},
    "credsStore": "common"})";
  CHECK(read_credentials(both, "a", "r", "f")->helper.empty());
  CHECK(read_credentials(both, "a", "r", "f")->credential->user == "u");
  CHECK(read_credentials(both, "b", "r", "f")->helper == "common");
}

TEST_CASE("a file that is cut off is refused") {
  const std::string whole = kFile;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    REQUIRE_FALSE(read_credentials(whole.substr(0, size), "docker.io", "r", "f").has_value());
  }
}

TEST_CASE("Docker's places are looked at in Docker's order") {
  CHECK(credentials_file({{"HOME", "/h"}}) == "/h/.docker/config.json");
  CHECK(credentials_file({{"HOME", "/h"}, {"DOCKER_CONFIG", "/d"}}) == "/d/config.json");
  CHECK(credentials_file({{"DOCKER_CONFIG", "/d"}, {"REGISTRY_AUTH_FILE", "/f"}}) == "/f");
  CHECK(credentials_file({}).empty());
  CHECK_FALSE(find_credential({{"HOME", "/nowhere"}}, "docker.io", "r")->has_value());
}

TEST_CASE("a helper program is asked by its protocol, and its failure is no credential") {
  const test::TempDir dir;
  const auto helper = dir / "docker-credential-own";
  REQUIRE(write_file_atomically(dir / "config.json", kFile).has_value());
  REQUIRE(write_file_atomically(
              helper,
              "#!/bin/sh\nread host\n[ \"$1 $host\" = 'get helped.example' ] || exit 1\n"
              "echo '{\"Username\":\"bert\",\"Secret\":\"quiet\"}'\n")
              .has_value());
  std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
  const std::string path = ::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
  ::setenv("PATH", (dir.path().string() + ":" + path).c_str(), 1);  // NOLINT
  const Environment environment{{"DOCKER_CONFIG", dir.path()}};
  const auto found = find_credential(environment, "helped.example", "r");
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->user == "bert");
  CHECK((*found)->password == "quiet");
  REQUIRE(write_file_atomically(helper, "#!/bin/sh\nexit 1\n").has_value());
  std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
  CHECK_FALSE(find_credential(environment, "helped.example", "r")->has_value());
  std::filesystem::remove(helper);
  CHECK(find_credential(environment, "helped.example", "r").error().code == Errc::kInput);
  ::setenv("PATH", path.c_str(), 1);  // NOLINT
}

}  // namespace marvel::deploy::images
