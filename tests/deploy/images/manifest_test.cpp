#include "deploy/images/manifest.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string descriptor(const std::string& more = "") {
  return R"({"mediaType":"x","digest":")" + kDigest + R"(","size":5)" + more + "}";
}

std::string manifest_text() {
  return R"({"schemaVersion":2,"config":)" + descriptor() + R"(,"layers":[)" + descriptor() + "," +
         descriptor() + "]}";
}

}  // namespace

TEST_CASE("a manifest and an index are told apart by what they hold") {
  const auto manifest = read_manifest(manifest_text(), kDockerManifest, "m");
  REQUIRE(manifest.has_value());
  CHECK_FALSE(manifest->is_index);
  CHECK(manifest->media_type == kDockerManifest);
  CHECK(manifest->layers.size() == 2);
  CHECK(manifest->config.size == 5);
  const auto index =
      read_manifest(R"({"manifests":[)" +
                        descriptor(R"(,"platform":{"os":"linux","architecture":"arm64"})") + "]}",
                    "", "i");
  REQUIRE(index.has_value());
  CHECK(index->is_index);
  CHECK(index->media_type == kOciIndex);
  CHECK(index->manifests[0].platform->text() == "linux/arm64");
}

TEST_CASE("an entry has the names of both annotations, and may be no image") {
  const auto index = read_manifest(
      R"({"manifests":[)" + descriptor(R"(,"annotations":{"org.opencontainers.image.ref.name":"1",
              "io.containerd.image.name":"docker.io/library/sed:1"})") +
          "," + descriptor(R"(,"platform":{"os":"unknown","architecture":"unknown"})") + "]}",
      "", "i");
  REQUIRE(index.has_value());
  CHECK(index->manifests[0].name == "1");
  CHECK(index->manifests[0].full_name == "docker.io/library/sed:1");
  CHECK(is_image(index->manifests[0]));
  CHECK_FALSE(is_image(index->manifests[1]));
}

TEST_CASE("documents that are cut off, of wrong types or too deep are refused, never half read") {
  const std::string whole = manifest_text();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto manifest = read_manifest(whole.substr(0, size), "", "m");
    REQUIRE_FALSE(manifest.has_value());
    CHECK(manifest.error().code == Errc::kInput);
  }
  for (const auto& text :
       std::vector<std::string>{R"({"manifests":5})", R"({"manifests":[5]})", R"({"layers":[]})",
                                "[]", "5", "null", R"({"schemaVersion":1,"fsLayers":[]})",
                                R"({"manifests":[{"digest":"sha256:../../etc","size":1}]})",
                                R"({"manifests":[{"digest":")" + kDigest + R"(","size":-1}]})",
                                R"({"manifests":[{"digest":")" + kDigest + R"(","size":1e3}]})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_manifest(text, "", "m").has_value());
  }
  CHECK_FALSE(read_manifest(std::string(100'000, '['), "", "m").has_value());
  std::string many = R"({"manifests":[)";
  for (int i = 0; i < 1001; ++i) {
    many += (i == 0 ? "" : ",") + descriptor();
  }
  CHECK_FALSE(read_manifest(many + "]}", "", "m").has_value());
}

TEST_CASE("what is written is read back, and the same each time") {
  const Descriptor config{kOciConfig, kDigest, 7, {}, ""};
  const Descriptor layer{kOciGzipLayer, "sha256:" + std::string(64, 'b'), 9, {}, ""};
  const auto text = write_manifest(config, {layer});
  CHECK(text == write_manifest(config, {layer}));
  const auto manifest = read_manifest(text, "", "m");
  REQUIRE(manifest.has_value());
  CHECK(manifest->media_type == kOciManifest);
  CHECK(manifest->config.digest == kDigest);
  CHECK(manifest->layers[0].size == 9);
}

TEST_CASE("platforms are read, and fit as machines do") {
  CHECK(parse_platform("linux/arm/v7")->variant == "v7");
  for (const auto* const bad : {"", "linux", "linux/", "/arm64", "a/b/c/d", "linux/arm/"}) {
    CHECK_FALSE(parse_platform(bad).has_value());
  }
  const auto fits = [](const char* image, const char* wanted) {
    return runs_on(*parse_platform(image), *parse_platform(wanted));
  };
  CHECK(fits("linux/arm64", "linux/arm64"));
  CHECK(fits("linux/arm64/v8", "linux/arm64"));
  CHECK(fits("linux/arm64", "linux/arm64/v8"));
  CHECK(fits("linux/arm/v6", "linux/arm/v7"));
  CHECK_FALSE(fits("linux/arm/v7", "linux/arm/v6"));
  CHECK_FALSE(fits("linux/amd64", "linux/arm64"));
  CHECK_FALSE(fits("windows/amd64", "linux/amd64"));
}

TEST_CASE("a config gives what people look for, odd types are left out") {
  const auto config = read_image_config(
      R"({"os":"linux","architecture":"amd64","created":5,"rootfs":{"diff_ids":["x",1]},
          "config":{"Env":["A=b"],"Cmd":"no list","ExposedPorts":{"80/tcp":{}},"Labels":{"l":"v"}}})",
      "c");
  REQUIRE(config.has_value());
  CHECK(config->platform.text() == "linux/amd64");
  CHECK(config->created.empty());
  CHECK(config->diff_ids.size() == 1);
  CHECK(config->command.empty());
  CHECK(config->ports[0] == "80/tcp");
  CHECK(config->labels[0].second == "v");
}

TEST_CASE("a docker archive's list is read, one without config is refused") {
  const auto entries =
      read_docker_archive(R"([{"Config":"c","Layers":["a","b"],"RepoTags":null}])", "m");
  REQUIRE(entries.has_value());
  CHECK((*entries)[0].layers.size() == 2);
  for (const auto* const bad : {"[]", "{}", "[{}]", "[5]", "x"}) {
    CHECK_FALSE(read_docker_archive(bad, "m").has_value());
  }
}

}  // namespace marvel::deploy::images
