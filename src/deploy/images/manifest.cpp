#include "deploy/images/manifest.hpp"

#include "base/text.hpp"
#include "deploy/images/json_fields.hpp"
#include "deploy/images/reference.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::deploy::images {
namespace {

constexpr std::size_t kMostEntries = 1000;

std::optional<Platform> platform_of(const Json& object) {
  const Json& platform = member(object, "platform");
  if (!platform.is_object()) {
    return std::nullopt;
  }
  return Platform{text_of(platform, "os"), text_of(platform, "architecture"),
                  text_of(platform, "variant")};
}

Result<Descriptor> read_descriptor(const Json& object, const std::string& what) {
  Descriptor descriptor;
  descriptor.media_type = text_of(object, "mediaType");
  descriptor.digest = text_of(object, "digest");
  descriptor.platform = platform_of(object);
  const Json& annotations = member(object, "annotations");
  descriptor.name = text_of(annotations, "org.opencontainers.image.ref.name");
  descriptor.full_name = text_of(annotations, "io.containerd.image.name");
  const auto size = number_of(object, "size");
  if (!is_digest(descriptor.digest) || !size || *size >> 62U != 0) {
    return fail(Errc::kInput, what + " holds an entry without a sha256 digest or a size");
  }
  descriptor.size = *size;
  return descriptor;
}

Result<std::vector<Descriptor>> read_list(const Json& list, const std::string& what) {
  if (!list.is_array() || list.size() > kMostEntries) {
    return fail(Errc::kInput, what + (list.is_array() ? " lists more than 1,000 entries"
                                                      : " is no image manifest or index"));
  }
  std::vector<Descriptor> descriptors;
  for (const Json& item : list) {
    MARVEL_TRY(auto descriptor, read_descriptor(item, what));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

// The level of "v7"; 0 for none.
int arm_level(const std::string& variant) {
  return variant.size() == 2 && variant[0] == 'v' ? variant[1] - '0' : 0;
}

}  // namespace

std::string Platform::text() const {
  return os + "/" + architecture + (variant.empty() ? "" : "/" + variant);
}

Result<Platform> parse_platform(std::string_view text) {
  const auto parts = split(text, '/');
  const bool whole = std::none_of(parts.begin(), parts.end(),
                                  [](const std::string& part) { return part.empty(); });
  if (parts.size() < 2 || parts.size() > 3 || !whole) {
    return fail(Errc::kUsage, "'" + std::string(text) + "' is no platform",
                "write OS/ARCHITECTURE[/VARIANT], as in linux/arm64 or linux/arm/v7");
  }
  return Platform{parts[0], parts[1], parts.size() == 3 ? parts[2] : ""};
}

bool runs_on(const Platform& image, const Platform& wanted) {
  if (image.os != wanted.os || image.architecture != wanted.architecture) {
    return false;
  }
  if (image.variant.empty() || wanted.variant.empty() || image.variant == wanted.variant) {
    return true;
  }
  return image.architecture == "arm" && arm_level(image.variant) <= arm_level(wanted.variant);
}

bool is_image(const Descriptor& entry) {
  return !entry.platform || entry.platform->architecture != "unknown";
}

Result<Manifest> read_manifest(std::string_view bytes, const std::string& media_type,
                               const std::string& what) {
  MARVEL_TRY(const Json document, parse_json(bytes, what));
  if (text_of(member(document, "config"), "digest").empty() &&
      !member(document, "fsLayers").is_null()) {
    return fail(Errc::kInput, what + " is of Docker's old schema 1", "push the image anew");
  }
  Manifest manifest;
  manifest.media_type = text_of(document, "mediaType");
  if (manifest.media_type.empty()) {
    manifest.media_type = media_type;
  }
  manifest.is_index = !member(document, "manifests").is_null();
  if (manifest.is_index) {
    MARVEL_TRY(manifest.manifests, read_list(member(document, "manifests"), what));
  } else {
    MARVEL_TRY(manifest.layers, read_list(member(document, "layers"), what));
    MARVEL_TRY(manifest.config, read_descriptor(member(document, "config"), what));
  }
  if (manifest.media_type.empty()) {
    manifest.media_type = manifest.is_index ? kOciIndex : kOciManifest;
  }
  return manifest;
}

Result<ImageConfig> read_image_config(std::string_view bytes, const std::string& what) {
  MARVEL_TRY(const Json document, parse_json(bytes, what));
  ImageConfig config;
  config.platform = {text_of(document, "os"), text_of(document, "architecture"),
                     text_of(document, "variant")};
  config.created = text_of(document, "created");
  config.diff_ids = texts_of(member(document, "rootfs"), "diff_ids");
  const Json& run = member(document, "config");
  config.user = text_of(run, "User");
  config.working_dir = text_of(run, "WorkingDir");
  config.entrypoint = texts_of(run, "Entrypoint");
  config.command = texts_of(run, "Cmd");
  config.environment = texts_of(run, "Env");
  const Json& ports = member(run, "ExposedPorts");
  for (auto port = ports.begin(); ports.is_object() && port != ports.end(); ++port) {
    config.ports.push_back(port.key());
  }
  const Json& labels = member(run, "Labels");
  for (auto label = labels.begin(); labels.is_object() && label != labels.end(); ++label) {
    config.labels.emplace_back(label.key(), text_of(labels, label.key().c_str()));
  }
  return config;
}

std::string write_manifest(const Descriptor& config, const std::vector<Descriptor>& layers) {
  const auto entry = [](const Descriptor& descriptor) {
    return Json{{"mediaType", descriptor.media_type},
                {"digest", descriptor.digest},
                {"size", descriptor.size}};
  };
  Json list = Json::array();
  for (const auto& layer : layers) {
    list.push_back(entry(layer));
  }
  return Json{{"schemaVersion", 2},
              {"mediaType", kOciManifest},
              {"config", entry(config)},
              {"layers", std::move(list)}}
      .dump();
}

Result<std::vector<DockerArchiveEntry>> read_docker_archive(std::string_view bytes,
                                                            const std::string& what) {
  MARVEL_TRY(const Json document, parse_json(bytes, what));
  std::vector<DockerArchiveEntry> entries;
  for (const Json& item : document.is_array() ? document : Json::array()) {
    entries.push_back(
        {text_of(item, "Config"), texts_of(item, "Layers"), texts_of(item, "RepoTags")});
    if (entries.back().config.empty() || entries.back().layers.size() > kMostEntries) {
      return fail(Errc::kInput, what + " names no config, or more than 1,000 layers");
    }
  }
  if (entries.empty() || entries.size() > kMostEntries) {
    return fail(Errc::kInput, what + " lists no image, or more than 1,000");
  }
  return entries;
}

}  // namespace marvel::deploy::images
