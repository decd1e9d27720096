#include "deploy/images/archive.hpp"

#include "deploy/images/tar_builder.hpp"
#include "net/sha256.hpp"
#include "support/fakes.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

using test::TarBuilder;

std::string digest_of(const std::string& bytes) {
  return "sha256:" + *net::sha256_hex(bytes);
}

std::string blob_name(const std::string& bytes) {
  return "blobs/sha256/" + *net::sha256_hex(bytes);
}

std::string entry(const std::string& bytes, const std::string& type, const std::string& name = "") {
  return R"({"mediaType":")" + type + R"(","digest":")" + digest_of(bytes) + R"(","size":)" +
         std::to_string(bytes.size()) +
         (name.empty()
              ? ""
              : R"(,"annotations":{"org.opencontainers.image.ref.name":")" + name + "\"}") +
         "}";
}

const std::string kLayer = "layer bytes";
const std::string kConfig = R"({"os":"linux","architecture":"amd64"})";

std::string manifest(const std::string& layer = kLayer) {
  return R"({"schemaVersion":2,"config":)" + entry(kConfig, kOciConfig) + R"(,"layers":[)" +
         entry(layer, kOciGzipLayer) + "]}";
}

std::string index(const std::string& entries) {
  return R"({"schemaVersion":2,"manifests":[)" + entries + "]}";
}

// As Docker 25 writes it.
std::string docker_entry(const std::string& bytes, const std::string& name) {
  std::string text = entry(bytes, kOciManifest, name.substr(name.find(':') + 1));
  const std::string annotation = R"("io.containerd.image.name":"docker.io/library/)" + name + "\",";
  return text.insert(text.find("\"org.opencontainers"), annotation);
}

std::string platform_entry(const std::string& bytes, const std::string& architecture) {
  std::string text = entry(bytes, kOciManifest);
  text.pop_back();
  return text + R"(,"platform":{"os":"linux","architecture":")" + architecture + "\"}}";
}

TarBuilder layout() {
  TarBuilder tar;
  tar.file("oci-layout", "{}").file(blob_name(kConfig), kConfig).file(blob_name(kLayer), kLayer);
  return tar.file(blob_name(manifest()), manifest());
}

// A layout whose index lists amd64, arm64 and an attestation, with the manifests of `there`.
std::string saved(const std::vector<std::string>& there) {
  auto tar = layout();
  std::string list;
  std::string bytes = manifest();
  for (const std::string architecture : {"amd64", "arm64", "unknown"}) {
    bytes += " ";
    list += (list.empty() ? "" : ",") + platform_entry(bytes, architecture);
    if (std::count(there.begin(), there.end(), architecture) > 0) {
      tar.file(blob_name(bytes), bytes);
    }
  }
  const std::string all = index(list);
  tar.file(blob_name(all), all);
  return tar.file("index.json", index(entry(all, kOciIndex))).bytes();
}

std::string docker(const std::string& diff_id, const std::string& layer = kLayer) {
  const std::string config =
      R"({"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[")" + diff_id + "\"]}}";
  return TarBuilder()
      .file("c.json", config)
      .file("one.tar", layer)
      .link("x/layer.tar", "../one.tar")
      .file("manifest.json",
            R"([{"Config":"c.json","Layers":["x/layer.tar"],"RepoTags":["h.example/a:1"]}])")
      .bytes();
}

Result<ArchiveImage> read(const std::string& tar, const std::string& wanted = "") {
  test::TestContext context;
  return read_archive(memory_source(tar, "a.tar"), wanted, context.context);
}

void check_refused(const std::string& tar, const std::string& why, Errc code = Errc::kInput) {
  const auto image = read(tar);
  REQUIRE_FALSE(image.has_value());
  CAPTURE(image.error().message);
  CHECK(image.error().code == code);
  CHECK(image.error().message.find(why) != std::string::npos);
}

}  // namespace

TEST_CASE("an OCI layout gives its blobs, then its documents, the image last") {
  const auto image =
      read(layout().file("index.json", index(entry(manifest(), kOciManifest, "v1"))).bytes());
  REQUIRE(image.has_value());
  CHECK(image->name == "v1");
  REQUIRE(image->blobs.size() == 2);
  CHECK(image->blobs[0].descriptor.digest == digest_of(kLayer));
  REQUIRE(image->documents.size() == 1);
  CHECK(image->documents[0].bytes == manifest());
  CHECK(image->documents[0].media_type == kOciManifest);
}

TEST_CASE("an index brings its manifests before itself, and shared blobs once") {
  const auto inner = index(entry(manifest(), kOciManifest) + "," + entry(manifest(), kOciManifest));
  const auto image = read(layout()
                              .file(blob_name(inner), inner)
                              .file("index.json", index(entry(inner, kOciIndex)))
                              .bytes());
  REQUIRE(image.has_value());
  CHECK(image->blobs.size() == 2);
  REQUIRE(image->documents.size() == 2);
  CHECK(image->documents[1].digest == digest_of(inner));
}

TEST_CASE("of several images one is chosen by name, never by chance") {
  const auto other = manifest() + " ";
  const auto tar = layout()
                       .file(blob_name(other), other)
                       .file("index.json", index(entry(manifest(), kOciManifest, "one") + "," +
                                                 entry(other, kOciManifest, "two")))
                       .bytes();
  check_refused(tar, "holds 2 images", Errc::kUsage);
  CHECK(read(tar, "two")->documents[0].digest == digest_of(other));
  CHECK(read(tar, "three").error().hint.find("one, two") != std::string::npos);
}

TEST_CASE("images of Docker's own layout are chosen by full name, short name or digest") {
  const auto other = manifest() + " ";
  const auto tar = layout()
                       .file(blob_name(other), other)
                       .file("index.json", index(docker_entry(manifest(), "awk:latest") + "," +
                                                 docker_entry(other, "sed:latest")))
                       .bytes();
  for (const auto& name :
       {std::string("docker.io/library/sed:latest"), std::string("sed:latest"), digest_of(other)}) {
    CAPTURE(name);
    const auto image = read(tar, name);
    REQUIRE(image.has_value());
    CHECK(image->documents[0].digest == digest_of(other));
    CHECK(image->name == "docker.io/library/sed:latest");
  }
  CHECK(read(tar, "latest").error().message.find("2 of them are 'latest'") != std::string::npos);
  CHECK(read(tar).error().hint.find("it holds awk:latest, sed:latest;") != std::string::npos);
}

TEST_CASE("several names of one digest are one image") {
  const auto tar = layout()
                       .file("index.json", index(docker_entry(manifest(), "sed:1") + "," +
                                                 docker_entry(manifest(), "sed:2")))
                       .bytes();
  CHECK(read(tar).has_value());
  CHECK(read(tar, "sed:2")->name == "docker.io/library/sed:2");
  CHECK(read(tar, "sed:3").error().code == Errc::kUsage);
}

TEST_CASE("of an index with one platform in the archive that platform's manifest is the image") {
  test::TestContext context;
  const auto image = read_archive(memory_source(saved({"arm64"}), "a.tar"), "", context.context);
  REQUIRE(image.has_value());
  REQUIRE(image->documents.size() == 1);
  CHECK(image->documents[0].bytes == manifest() + "  ");
  CHECK(image->blobs.size() == 2);
  REQUIRE(context.log.lines.size() == 1);
  CHECK(context.log.lines[0].second.find("holds linux/arm64 alone") != std::string::npos);
  CHECK(read(saved({"arm64", "unknown"}))->documents.size() == 1);
  CHECK(read(saved({"amd64", "arm64", "unknown"}))->documents.size() == 4);
}

TEST_CASE("of an index with some platforms in the archive none is pushed by chance") {
  check_refused(saved({"amd64", "arm64"}), "only linux/amd64, linux/arm64 are there");
  CHECK(read(saved({"amd64", "arm64"})).error().hint.find("--platform linux/amd64") !=
        std::string::npos);
  check_refused(saved({}), "is missing");
  check_refused(saved({"unknown"}), "is missing");
}

TEST_CASE("layouts that lack or belie something are refused") {
  const auto good = index(entry(manifest(), kOciManifest));
  check_refused(TarBuilder().file("index.json", good).bytes(), "is missing");
  check_refused(
      TarBuilder().file(blob_name(manifest()), manifest() + " ").file("index.json", good).bytes(),
      "another digest");
  check_refused(TarBuilder()
                    .file(blob_name(manifest()), manifest())
                    .file(blob_name(kLayer), kLayer + "x")
                    .file("index.json", good)
                    .bytes(),
                "another size");
  check_refused(layout().file("index.json", "{}").bytes(), "no image manifest");
  check_refused(layout().file("index.json", index("")).bytes(), "no image");
  check_refused(layout().file("index.json", index(entry(manifest(), "text/plain"))).bytes(),
                "no image manifest");
  check_refused(TarBuilder().file("x", "y").bytes(), "holds no image");
}

TEST_CASE("an index that nests without end is refused") {
  auto tar = layout();
  std::string inner = index(entry(manifest(), kOciManifest));
  for (int i = 0; i < 6; ++i) {
    tar.file(blob_name(inner), inner);
    inner = index(entry(inner, kOciIndex));
  }
  check_refused(tar.file("index.json", inner).bytes(), "no image manifest");
}

TEST_CASE("a docker archive becomes an OCI image with packed layers, always the same") {
  const auto image = read(docker(digest_of(kLayer)));
  REQUIRE(image.has_value());
  CHECK(image->name == "h.example/a:1");
  REQUIRE(image->blobs.size() == 2);
  CHECK(image->blobs[0].packs);
  CHECK(image->documents.back().digest == read(docker(digest_of(kLayer)))->documents.back().digest);
  const auto parsed = read_manifest(image->documents.back().bytes, "", "m");
  REQUIRE(parsed.has_value());
  CHECK(parsed->layers[0].digest == image->blobs[0].descriptor.digest);
}

TEST_CASE("a gzip layer of a docker archive goes as it is, checked by what it unpacks to") {
  const Blob plain{{}, memory_source(kLayer, "m"), {0, kLayer.size()}, true};
  std::string packed(1000, '\0');
  packed.resize(*BlobReader(plain).read(packed.data(), packed.size()));
  const auto image = read(docker(digest_of(kLayer), packed));
  REQUIRE(image.has_value());
  CHECK_FALSE(image->blobs[0].packs);
  CHECK(image->blobs[0].descriptor.digest == digest_of(packed));
  CHECK(image->blobs[0].descriptor.media_type == kOciGzipLayer);
  check_refused(docker(digest_of("other"), packed), "not the layer that the config names");
  check_refused(docker(digest_of(kLayer), packed.substr(0, packed.size() - 1)), "cut off");
}

TEST_CASE("a layer that is not what the config names is refused") {
  check_refused(docker(digest_of("other")), "not the layer that the config names");
}

}  // namespace marvel::deploy::images
