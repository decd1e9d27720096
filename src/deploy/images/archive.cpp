#include "deploy/images/archive.hpp"

#include "base/text.hpp"
#include "net/sha256.hpp"

#include <algorithm>
#include <set>

namespace marvel::deploy::images {
namespace {

constexpr int kDeepestIndex = 3;

bool is_image_document(const std::string& media_type) {
  return media_type == kOciIndex || media_type == kDockerIndex || media_type == kOciManifest ||
         media_type == kDockerManifest || media_type.empty();
}

// What all readers of one archive share.
class Reader {
 public:
  Reader(std::shared_ptr<const Source> source, Tar tar, const std::string& wanted, Context& context)
      : source_(std::move(source)), tar_(std::move(tar)), wanted_(wanted), context_(context) {}

  Result<ArchiveImage> read_oci();
  Result<ArchiveImage> read_docker();

 private:
  [[nodiscard]] Result<const TarFile*> need(const std::string& file) const;
  [[nodiscard]] Result<std::string> read_document(const std::string& file) const;
  [[nodiscard]] std::string in_archive(const std::string& file) const {
    return "'" + file + "' in '" + source_->name() + "'";
  }
  [[nodiscard]] Result<std::size_t> choose(
      const std::vector<std::vector<std::string>>& names) const;
  Status add_document(const Descriptor& descriptor, int depth);
  Status add_blob(const Descriptor& descriptor);
  Result<Descriptor> add_layer(const std::string& file, const std::string& diff_id);

  std::shared_ptr<const Source> source_;
  Tar tar_;
  const std::string& wanted_;
  Context& context_;
  ArchiveImage image_;
  std::set<std::string> seen_;  // digests that are in the image already
};

Result<const TarFile*> Reader::need(const std::string& file) const {
  const TarFile* found = tar_.find(file);
  if (found == nullptr) {
    return fail(Errc::kInput, in_archive(file) + " is missing", "the archive is not complete");
  }
  return found;
}

Result<std::string> Reader::read_document(const std::string& file) const {
  MARVEL_TRY(const auto* range, need(file));
  if (range->size > kMostDocument) {
    return fail(Errc::kInput, in_archive(file) + " is larger than 4 MiB");
  }
  return read_range(*source_, range->offset, range->size);
}

// Which image is meant; `names` are the names of each.
Result<std::size_t> Reader::choose(const std::vector<std::vector<std::string>>& names) const {
  std::vector<std::size_t> fitting;
  std::vector<std::string> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    all.insert(all.end(), names[i].begin(), names[i].end());
    if (wanted_.empty() || std::count(names[i].begin(), names[i].end(), wanted_) > 0) {
      fitting.push_back(i);
    }
  }
  if (fitting.size() == 1) {
    return fitting.front();
  }
  const std::string list = all.empty() ? "they have no names" : "it holds " + join(all, ", ");
  if (wanted_.empty() && names.empty()) {
    return fail(Errc::kInput, "'" + source_->name() + "' holds no image");
  }
  return fail(
      Errc::kUsage,
      "'" + source_->name() + "' holds " + std::to_string(names.size()) + " images, and " +
          (wanted_.empty() ? "none was chosen"
                           : std::to_string(fitting.size()) + " of them are '" + wanted_ + "'"),
      list + "; choose with --image");
}

Result<ArchiveImage> Reader::read_oci() {
  MARVEL_TRY(const std::string bytes, read_document("index.json"));
  MARVEL_TRY(const Manifest index, read_manifest(bytes, kOciIndex, in_archive("index.json")));
  if (!index.is_index) {
    return fail(Errc::kInput, in_archive("index.json") + " is no index");
  }
  std::vector<std::vector<std::string>> names;
  for (const auto& entry : index.manifests) {
    names.push_back(entry.name.empty() ? std::vector<std::string>{}
                                       : std::vector<std::string>{entry.name});
  }
  MARVEL_TRY(const std::size_t chosen, choose(names));
  image_.name = index.manifests[chosen].name;
  MARVEL_TRY_STATUS(add_document(index.manifests[chosen], 0));
  return std::move(image_);
}

// A manifest or index with all that it points at, which goes before it.
Status Reader::add_document(const Descriptor& descriptor, int depth) {
  if (!seen_.insert(descriptor.digest).second) {
    return {};
  }
  const std::string file = "blobs/sha256/" + descriptor.digest.substr(7);
  MARVEL_TRY(const std::string bytes, read_document(file));
  MARVEL_TRY(const std::string hex, net::sha256_hex(bytes));
  if ("sha256:" + hex != descriptor.digest) {
    return fail(Errc::kInput, in_archive(file) + " has another digest than its name says");
  }
  MARVEL_TRY(const Manifest manifest,
             read_manifest(bytes, descriptor.media_type, in_archive(file)));
  if (!is_image_document(manifest.media_type) || depth > kDeepestIndex) {
    return fail(Errc::kInput, in_archive(file) + " is no image manifest: '" +
                                  manifest.media_type.substr(0, 100) + "'");
  }
  for (const auto& child : manifest.manifests) {
    MARVEL_TRY_STATUS(add_document(child, depth + 1));
  }
  if (!manifest.is_index) {
    for (const auto& layer : manifest.layers) {
      MARVEL_TRY_STATUS(add_blob(layer));
    }
    MARVEL_TRY_STATUS(add_blob(manifest.config));
  }
  image_.documents.push_back({descriptor.digest, manifest.media_type, bytes});
  return {};
}

Status Reader::add_blob(const Descriptor& descriptor) {
  if (!seen_.insert(descriptor.digest).second) {
    return {};
  }
  const std::string file = "blobs/sha256/" + descriptor.digest.substr(7);
  MARVEL_TRY(const auto* range, need(file));
  if (range->size != descriptor.size) {
    return fail(Errc::kInput, in_archive(file) + " has another size than its manifest says");
  }
  image_.blobs.push_back({descriptor, source_, *range, false});
  return {};
}

Result<ArchiveImage> Reader::read_docker() {
  MARVEL_TRY(const std::string bytes, read_document("manifest.json"));
  MARVEL_TRY(const auto entries, read_docker_archive(bytes, in_archive("manifest.json")));
  std::vector<std::vector<std::string>> names;
  for (const auto& entry : entries) {
    names.push_back(entry.names);
  }
  MARVEL_TRY(const std::size_t chosen, choose(names));
  const auto& entry = entries[chosen];
  image_.name = entry.names.empty() ? "" : entry.names.front();
  MARVEL_TRY(const std::string config_bytes, read_document(entry.config));
  MARVEL_TRY(const auto config, read_image_config(config_bytes, in_archive(entry.config)));
  if (config.diff_ids.size() != entry.layers.size()) {
    return fail(Errc::kInput, in_archive(entry.config) + " counts " +
                                  std::to_string(config.diff_ids.size()) + " layers, the archive " +
                                  std::to_string(entry.layers.size()));
  }
  std::vector<Descriptor> layers;
  context_.progress.begin("packing layers", entry.layers.size());
  for (std::size_t i = 0; i < entry.layers.size(); ++i) {
    MARVEL_TRY(auto layer, add_layer(entry.layers[i], config.diff_ids[i]));
    layers.push_back(std::move(layer));
    context_.progress.update(i + 1, "");
  }
  context_.progress.end();
  MARVEL_TRY(const auto* config_range, need(entry.config));
  MARVEL_TRY(const std::string hex, net::sha256_hex(config_bytes));
  const Descriptor descriptor{kOciConfig, "sha256:" + hex, config_bytes.size(), {}, ""};
  image_.blobs.push_back({descriptor, source_, *config_range, false});
  const std::string manifest = write_manifest(descriptor, layers);
  MARVEL_TRY(const std::string digest, net::sha256_hex(manifest));
  image_.documents.push_back({"sha256:" + digest, kOciManifest, manifest});
  return std::move(image_);
}

Result<Descriptor> Reader::add_layer(const std::string& file, const std::string& diff_id) {
  MARVEL_TRY(const auto* range, need(file));
  Blob blob{{}, source_, *range, true};
  MARVEL_TRY(const auto digests, measure_blob(blob, context_.stop));
  if (digests.source_digest != diff_id) {
    return fail(Errc::kInput, in_archive(file) + " is not the layer that the config names",
                "the archive is damaged, or its layers are packed; save the image anew");
  }
  blob.descriptor = {kOciGzipLayer, digests.digest, digests.size, {}, ""};
  if (seen_.insert(digests.digest).second) {
    image_.blobs.push_back(blob);
  }
  return blob.descriptor;
}

}  // namespace

Result<ArchiveImage> read_archive(std::shared_ptr<const Source> source, const std::string& wanted,
                                  Context& context) {
  MARVEL_TRY(Tar tar, Tar::open(*source));
  const bool is_oci = tar.find("index.json") != nullptr;
  if (!is_oci && tar.find("manifest.json") == nullptr) {
    return fail(Errc::kInput, "'" + source->name() + "' holds no image",
                "give an archive in OCI layout, or one of 'docker save' or 'skopeo copy'");
  }
  Reader reader(std::move(source), std::move(tar), wanted, context);
  return is_oci ? reader.read_oci() : reader.read_docker();
}

}  // namespace marvel::deploy::images
