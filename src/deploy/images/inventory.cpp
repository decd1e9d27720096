#include "deploy/images/inventory.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace marvel::deploy::images {
namespace {

Result<ImageDetails> read_details(Registry& registry, const std::string& repository,
                                  const FetchedManifest& fetched) {
  ImageDetails details;
  details.digest = fetched.digest;
  details.layers = fetched.manifest.layers;
  details.size = fetched.manifest.config.size;
  for (const auto& layer : details.layers) {
    details.size += layer.size;
  }
  MARVEL_TRY(const auto bytes, registry.fetch_blob(repository, fetched.manifest.config));
  MARVEL_TRY(details.config, read_image_config(bytes, "the config of " + repository));
  return details;
}

Result<Inspection> inspect_version(Registry& registry, const std::string& repository,
                                   const std::string& version) {
  MARVEL_TRY(const auto top, registry.fetch_manifest(repository, version));
  Inspection inspection{top.digest, top.manifest.media_type, {}, {}};
  if (!top.manifest.is_index) {
    MARVEL_TRY(auto details, read_details(registry, repository, top));
    inspection.images.push_back(std::move(details));
  }
  for (const auto& entry : top.manifest.manifests) {
    if (!is_image(entry)) {
      continue;
    }
    const auto child = registry.fetch_manifest(repository, entry.digest);
    if (!child && child.error().code == Errc::kNotFound) {
      inspection.absent.push_back(entry);
      continue;
    }
    if (!child) {
      return fail(child.error());
    }
    if (child->manifest.is_index) {
      return fail(Errc::kUnsupported, repository + ":" + version + " is an index of indexes");
    }
    MARVEL_TRY(auto details, read_details(registry, repository, *child));
    if (entry.platform) {  // what the index says is what engines go by
      details.config.platform = *entry.platform;
    }
    inspection.images.push_back(std::move(details));
  }
  return inspection;
}

TagRow make_row(const std::string& repository, const std::string& tag,
                const Result<Inspection>& inspection) {
  TagRow row{repository, tag, "", 0, {}, ""};
  if (!inspection) {
    row.problem = describe(inspection.error());
    return row;
  }
  row.digest = inspection->digest;
  std::map<std::string, std::uint64_t> blobs;
  std::set<std::string> platforms;
  for (const auto& image : inspection->images) {
    std::uint64_t layers = 0;
    for (const auto& layer : image.layers) {
      blobs[layer.digest] = layer.size;
      layers += layer.size;
    }
    blobs[image.digest] = image.size - layers;  // its config
    platforms.insert(image.config.platform.text());
  }
  for (const auto& [digest, size] : blobs) {
    row.size += size;
  }
  row.platforms.assign(platforms.begin(), platforms.end());
  return row;
}

// Whether the index `version` lists `digest`, itself or by an index in it; more levels nobody uses.
Result<bool> lists(Registry& registry, const std::string& repository, const std::string& version,
                   const std::string& digest, int levels = 2) {
  const auto fetched = registry.fetch_manifest(repository, version);
  if (!fetched) {  // not found: gone meanwhile, or a platform that nobody brought here
    return fetched.error().code == Errc::kNotFound ? Result<bool>(false) : fail(fetched.error());
  }
  for (const auto& entry : fetched->manifest.manifests) {
    if (entry.digest == digest) {
      return true;
    }
    const bool is_index = entry.media_type == kOciIndex || entry.media_type == kDockerIndex;
    if (is_index && levels > 1) {
      MARVEL_TRY(const bool inside, lists(registry, repository, entry.digest, digest, levels - 1));
      if (inside) {
        return true;
      }
    }
  }
  return false;
}

// Refuses to take a platform out of an image of several that a tag still names. `tags` are the
// other tags with their digests.
Status check_unlisted(Registry& registry, const Reference& reference, const std::string& digest,
                      const std::map<std::string, std::string>& tags, const StopFlag& stop) {
  std::map<std::string, bool> known;  // by the digest of the tag
  std::vector<std::string> needing;
  for (const auto& [tag, top] : tags) {
    if (stop.raised()) {
      return fail(Errc::kFailed, "stopped");
    }
    if (!known.contains(top)) {
      MARVEL_TRY(known[top], lists(registry, reference.repository, top, digest));
    }
    if (known[top]) {
      needing.push_back(tag);
    }
  }
  return needing.empty()
             ? Status()
             : fail(Errc::kConflict,
                    reference.text() +
                        " is a part of images of several platforms: " + join(needing, ", "),
                    "they would break; delete those tags first");
}

}  // namespace

Result<Inspection> inspect(Registry& registry, const Reference& reference) {
  return inspect_version(registry, reference.repository, reference.version());
}

Result<std::vector<TagRow>> list_tags(Registry& registry, const std::string& repository,
                                      Context& context) {
  std::vector<std::string> repositories{repository};
  if (repository.empty()) {
    MARVEL_TRY(repositories, registry.repositories());
  }
  std::vector<TagRow> rows;
  context.progress.begin("reading images", repositories.size());
  for (std::size_t i = 0; i < repositories.size(); ++i) {
    const auto tags = registry.tags(repositories[i]);
    if (!tags) {
      // A registry lists repositories whose images are all gone.
      if (repository.empty() && tags.error().code == Errc::kNotFound) {
        continue;
      }
      return fail(tags.error());
    }
    for (const auto& tag : *tags) {
      if (context.stop.raised()) {
        return fail(Errc::kFailed, "stopped");
      }
      rows.push_back(
          make_row(repositories[i], tag, inspect_version(registry, repositories[i], tag)));
    }
    context.progress.update(i + 1, repositories[i]);
  }
  context.progress.end();
  return rows;
}

Result<Removal> plan_removal(Registry& registry, const Reference& reference, const StopFlag& stop) {
  MARVEL_TRY(const auto digest, registry.find_manifest(reference.repository, reference.version()));
  if (!digest) {
    return fail(Errc::kNotFound, "there is no image " + reference.text());
  }
  Removal removal{*digest, {}};
  std::map<std::string, std::string> others;
  MARVEL_TRY(const auto tags, registry.tags(reference.repository));
  for (const auto& tag : tags) {
    if (stop.raised()) {
      return fail(Errc::kFailed, "stopped");
    }
    MARVEL_TRY(const auto other, registry.find_manifest(reference.repository, tag));
    if (other == *digest) {
      removal.tags.push_back(tag);
    } else if (other) {
      others[tag] = *other;
    }
  }
  MARVEL_TRY_STATUS(check_unlisted(registry, reference, *digest, others, stop));
  return removal;
}

}  // namespace marvel::deploy::images
