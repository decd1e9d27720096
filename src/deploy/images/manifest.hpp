#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The documents of an image (OCI image specification 1.0, Docker image manifest version 2, schema
// 2): an index lists manifests by platform, a manifest lists a config and layers.
namespace marvel::deploy::images {

// Media types, which tell documents apart. A registry gives an image only to whoever names its type
// as one that he understands, so requests name all four kinds of manifest. Written are the OCI
// ones.
inline constexpr const char* kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr const char* kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr const char* kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr const char* kOciGzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr const char* kDockerIndex =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr const char* kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";

// Bytes of a document in an archive, or of a blob that fetch_blob reads: a larger one is refused
// unread.
inline constexpr std::uint64_t kMostDocument = std::uint64_t{4} << 20;

// What a machine must be to run an image, in Go's words, which all image tools use.
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;  // "v8" for arm64; often empty

  // "linux/arm64/v8"
  [[nodiscard]] std::string text() const;
};

// "linux/arm64" or "linux/arm/v7". kUsage otherwise; whether there is such a machine is not asked.
Result<Platform> parse_platform(std::string_view text);

// Whether an image of `image` runs where `wanted` is asked for. An arm machine also runs older
// variants: an image of linux/arm/v6 runs on linux/arm/v7, not the other way round. An empty
// variant of either fits.
bool runs_on(const Platform& image, const Platform& wanted);

// What points at a document or layer: by its digest, so whoever has the descriptor can check the
// bytes, and the digest of the topmost document vouches for all below.
struct Descriptor {
  std::string media_type;
  // "sha256:..."; no other kind is taken.
  std::string digest;
  std::uint64_t size = 0;
  std::optional<Platform> platform;  // in an index
  std::string name;                  // annotation org.opencontainers.image.ref.name
  // Annotation io.containerd.image.name, as Docker writes it since 25; `name` is the tag alone
  // then.
  std::string full_name = {};  // NOLINT(readability-redundant-member-init)
};

// Whether an entry of an index is an image. Others, for platform "unknown", are signatures and the
// like.
bool is_image(const Descriptor& entry);

// An index or a manifest; is_index says which, and the fields of the other are empty.
struct Manifest {
  bool is_index = false;
  std::string media_type;
  std::vector<Descriptor> manifests;  // of an index
  Descriptor config;                  // of a manifest
  std::vector<Descriptor> layers;
};

// `media_type` is what came with the bytes, or empty; what the document says of itself goes before
// it. kInput for what is no image document (`what` names it), for an entry without a sha256 digest
// and a size, for Docker's old schema 1, and for more than 1,000 entries in a list.
Result<Manifest> read_manifest(std::string_view bytes, const std::string& media_type,
                               const std::string& what);

// What a container engine reads to start the image, as far as people ask for it.
struct ImageConfig {
  Platform platform;
  std::string created;  // RFC 3339, or empty
  std::string user;
  std::string working_dir;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::vector<std::string> ports;                           // "8080/tcp"
  std::vector<std::pair<std::string, std::string>> labels;  // in the order of their names
  // Digests of the unpacked layers, in the order of the layers.
  std::vector<std::string> diff_ids;
};

// kInput for what is no JSON; fields that are missing or of another type are empty.
Result<ImageConfig> read_image_config(std::string_view bytes, const std::string& what);

// An OCI manifest as bytes; the same input gives the same bytes, so the same image the same digest.
std::string write_manifest(const Descriptor& config, const std::vector<Descriptor>& layers);

// One entry of a docker archive's manifest.json: one image that `docker save` wrote.
struct DockerArchiveEntry {
  std::string config;  // file names inside the archive
  std::vector<std::string> layers;
  std::vector<std::string> names;  // "host/repository:tag"
};

// At least one entry. kInput for an entry without a config, and for more than 1,000 entries or
// layers.
Result<std::vector<DockerArchiveEntry>> read_docker_archive(std::string_view bytes,
                                                            const std::string& what);

}  // namespace marvel::deploy::images
