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
    "empty.example": {}, "broken.example": {"auth": "?"}},
    "credHelpers": {"helped.example": "own"}})";

std::optional<Credential> stored(const std::string& registry) {
  const auto found = read_credentials(kFile, registry, "config.json");
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
  CHECK(read_credentials(kFile, "helped.example", "f")->helper == "own");
}

TEST_CASE("a file that is cut off is refused") {
  const std::string whole = kFile;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    REQUIRE_FALSE(read_credentials(whole.substr(0, size), "docker.io", "f").has_value());
  }
}

TEST_CASE("Docker's places are looked at in Docker's order") {
  CHECK(credentials_file({{"HOME", "/h"}}) == "/h/.docker/config.json");
  CHECK(credentials_file({{"HOME", "/h"}, {"DOCKER_CONFIG", "/d"}}) == "/d/config.json");
  CHECK(credentials_file({{"DOCKER_CONFIG", "/d"}, {"REGISTRY_AUTH_FILE", "/f"}}) == "/f");
  CHECK(credentials_file({}).empty());
  CHECK_FALSE(find_credential({{"HOME", "/nowhere"}}, "docker.io")->has_value());
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
  const auto found = find_credential(environment, "helped.example");
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->user == "bert");
  CHECK((*found)->password == "quiet");
  REQUIRE(write_file_atomically(helper, "#!/bin/sh\nexit 1\n").has_value());
  std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
  CHECK_FALSE(find_credential(environment, "helped.example")->has_value());
  std::filesystem::remove(helper);
  CHECK(find_credential(environment, "helped.example").error().code == Errc::kInput);
  ::setenv("PATH", path.c_str(), 1);  // NOLINT
}

}  // namespace marvel::deploy::images
