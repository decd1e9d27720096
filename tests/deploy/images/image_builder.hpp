#pragma once

#include "deploy/images/archive.hpp"
#include "deploy/images/manifest.hpp"
#include "net/sha256.hpp"

#include <string>
#include <vector>

namespace marvel::test {

inline std::string digest_of(const std::string& bytes) {
  return "sha256:" + *net::sha256_hex(bytes);
}

inline deploy::images::Blob blob_of(const std::string& bytes, const std::string& type) {
  return {{type, digest_of(bytes), bytes.size(), {}, ""},
          deploy::images::memory_source(bytes, "memory"),
          {0, bytes.size()},
          false};
}

// An image of these layers, as read_archive gives it.
inline deploy::images::ArchiveImage image_of(const std::vector<std::string>& layers,
                                             const std::string& architecture = "amd64") {
  using namespace deploy::images;
  ArchiveImage image;
  std::vector<Descriptor> descriptors;
  for (const auto& layer : layers) {
    image.blobs.push_back(blob_of(layer, kOciGzipLayer));
    descriptors.push_back(image.blobs.back().descriptor);
  }
  const std::string config = R"({"os":"linux","architecture":")" + architecture +
                             R"(","config":{"Cmd":["/run"]},"rootfs":{"diff_ids":[]}})";
  image.blobs.push_back(blob_of(config, kOciConfig));
  const std::string manifest = write_manifest(image.blobs.back().descriptor, descriptors);
  image.documents.push_back({digest_of(manifest), kOciManifest, manifest});
  return image;
}

}  // namespace marvel::test
