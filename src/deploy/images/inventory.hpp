#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "deploy/images/manifest.hpp"
#include "deploy/images/reference.hpp"
#include "deploy/images/registry.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What is in a registry: listing, one image in full, and taking one away.
namespace marvel::deploy::images {

// What one tag stands for: all platforms of it together.
struct TagRow {
  std::string repository;
  std::string tag;
  std::string digest;
  std::uint64_t size = 0;  // bytes of its configs and layers as they are stored, each once
  std::vector<std::string> platforms;  // "linux/arm64", sorted
  std::string problem;                 // why the rest is empty, or empty
};

// Every tag of `repository`, or of all repositories when it is empty; sorted. An image that cannot
// be read is a row with a problem, not the end; a list of names that cannot be read is, and so is a
// stop (kFailed). Fetches the manifest and the config of each platform of each tag, one after the
// other, and tells the progress by repositories.
Result<std::vector<TagRow>> list_tags(Registry& registry, const std::string& repository,
                                      Context& context);

// One platform's image, from its manifest and config; no layer is fetched.
struct ImageDetails {
  std::string digest;  // of its manifest
  // Bytes of its config and layers as they are stored, that is, packed.
  std::uint64_t size = 0;
  ImageConfig config;
  std::vector<Descriptor> layers;
};

// One image in full. The platform of each is what the index says, which is what engines go by.
// Signatures and the like, which indexes list for platform "unknown", are left out.
struct Inspection {
  std::string digest;
  std::string media_type;
  std::vector<ImageDetails> images;  // one, or those of the index
  // Entries of the index whose manifest the registry does not have: some copy one platform only.
  std::vector<Descriptor> absent = {};  // NOLINT(readability-redundant-member-init)
};

// kNotFound when there is no such image; kUnsupported for an index of indexes.
Result<Inspection> inspect(Registry& registry, const Reference& reference);

// What a deletion takes along. Registries delete by digest: all tags of it go. Layers stay until
// the registry's own garbage collection finds that nobody needs them.
struct Removal {
  std::string digest;
  std::vector<std::string> tags;  // all tags of the digest, sorted
};

// Looks without deleting: Registry::delete_manifest does it, with the digest from here. A reference
// without a digest means its tag. Asks for the digest of every tag of the repository, because
// registries do not say which tags a digest has, and reads the manifests of the other tags.
// kNotFound when there is no such image; kConflict when it is a part of an index that another tag
// names, two levels deep, since that image would lose a platform.
Result<Removal> plan_removal(Registry& registry, const Reference& reference, const StopFlag& stop);

}  // namespace marvel::deploy::images
