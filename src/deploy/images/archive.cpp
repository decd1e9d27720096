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

std::string blob_file(const Descriptor& descriptor) {
  return "blobs/sha256/" + descriptor.digest.substr(7);
}

// No tar begins so, because its first bytes are a name.
Result<bool> is_gzip(const Source& source, const TarFile& range) {
  constexpr std::string_view kMagic = "\x1f\x8b";
  if (range.size < kMagic.size()) {
    return false;
  }
  MARVEL_TRY(const std::string begin, read_range(source, range.offset, kMagic.size()));
  return begin == kMagic;
}

// "sed:latest" for "docker.io/library/sed:latest", as people write it.
std::string short_name(const std::string& name) {
  for (const std::string_view prefix : {"docker.io/library/", "docker.io/"}) {
    if (name.starts_with(prefix)) {
      return name.substr(prefix.size());
    }
  }
  return name;
}

// An entry of the archive's list. Several with one id are one image.
struct Choice {
  std::string id;  // its digest or, in a docker archive, the file of its config
  std::vector<std::string> names;
  std::string offer;  // the best of them
};

Choice choice_of(const Descriptor& entry) {
  Choice choice{entry.digest, {}, entry.digest};
  for (const std::string& name : {short_name(entry.full_name), entry.full_name, entry.name}) {
    if (!name.empty()) {
      choice.offer = choice.names.empty() ? name : choice.offer;
      choice.names.push_back(name);
    }
  }
  return choice;
}

Choice choice_of(const DockerArchiveEntry& entry) {
  return {entry.config, entry.names, entry.names.empty() ? entry.config : join(entry.names, ", ")};
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
  template <class Entry>
  [[nodiscard]] Result<std::size_t> choose(const std::vector<Entry>& entries) const;
  [[nodiscard]] Result<const Descriptor*> only_platform(const Manifest& index,
                                                        const std::string& file) const;
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

// Which entry is meant: the first of those of the one image that fits.
template <class Entry>
Result<std::size_t> Reader::choose(const std::vector<Entry>& entries) const {
  std::size_t first = 0;
  std::set<std::string> images;
  std::set<std::string> fitting;
  std::vector<std::string> offers;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Choice choice = choice_of(entries[i]);
    images.insert(choice.id);
    offers.push_back(choice.offer);
    if (wanted_.empty() || wanted_ == choice.id ||
        std::count(choice.names.begin(), choice.names.end(), wanted_) > 0) {
      first = fitting.empty() ? i : first;
      fitting.insert(choice.id);
    }
  }
  if (fitting.size() == 1) {
    return first;
  }
  if (entries.empty()) {
    return fail(Errc::kInput, "'" + source_->name() + "' holds no image");
  }
  return fail(
      Errc::kUsage,
      "'" + source_->name() + "' holds " + std::to_string(images.size()) + " images, and " +
          (wanted_.empty() ? "none was chosen"
                           : std::to_string(fitting.size()) + " of them are '" + wanted_ + "'"),
      "it holds " + join(offers, ", ") + "; choose with --image");
}

Result<ArchiveImage> Reader::read_oci() {
  MARVEL_TRY(const std::string bytes, read_document("index.json"));
  MARVEL_TRY(const Manifest index, read_manifest(bytes, kOciIndex, in_archive("index.json")));
  if (!index.is_index) {
    return fail(Errc::kInput, in_archive("index.json") + " is no index");
  }
  MARVEL_TRY(const std::size_t chosen, choose(index.manifests));
  const Descriptor& entry = index.manifests[chosen];
  image_.name = entry.full_name.empty() ? entry.name : entry.full_name;
  MARVEL_TRY_STATUS(add_document(entry, 0));
  return std::move(image_);
}

// Docker saves the index of all platforms with those of them that it has. Null when all are there,
// or none; kInput for several but not all: an index with gaps is what registries refuse.
Result<const Descriptor*> Reader::only_platform(const Manifest& index,
                                                const std::string& file) const {
  std::vector<const Descriptor*> there;
  std::vector<std::string> names;
  bool is_whole = true;
  for (const auto& child : index.manifests) {
    if (tar_.find(blob_file(child)) == nullptr) {
      is_whole = false;
    } else if (is_image(child)) {
      there.push_back(&child);
      names.push_back(child.platform ? child.platform->text() : child.digest);
    }
  }
  if (is_whole || there.empty()) {
    return nullptr;
  }
  if (there.size() > 1) {
    return fail(Errc::kInput,
                "of the platforms that " + in_archive(file) + " lists only " + join(names, ", ") +
                    " are there",
                "save one of them, as in 'docker save --platform " + names.front() + "'");
  }
  context_.log.warning("of the platforms of its image, '" + source_->name() + "' holds " +
                       names.front() + " alone: that is pushed without the index");
  return there.front();
}

// A manifest or index with all that it points at, which goes before it.
Status Reader::add_document(const Descriptor& descriptor, int depth) {
  if (!seen_.insert(descriptor.digest).second) {
    return {};
  }
  const std::string file = blob_file(descriptor);
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
  if (manifest.is_index && depth == 0) {
    MARVEL_TRY(const Descriptor* const only, only_platform(manifest, file));
    if (only != nullptr) {
      return add_document(*only, depth + 1);
    }
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
  const std::string file = blob_file(descriptor);
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
  MARVEL_TRY(const std::size_t chosen, choose(entries));
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
  MARVEL_TRY(const bool is_packed, is_gzip(*source_, *range));
  Blob blob{{}, source_, *range, !is_packed};
  auto digests = is_packed ? measure_gzip(blob, context_.stop) : measure_blob(blob, context_.stop);
  if (!digests) {
    digests.error().context.push_back("reading " + in_archive(file));
    return fail(std::move(digests).error());
  }
  if (digests->diff_id != diff_id) {
    return fail(Errc::kInput, in_archive(file) + " is not the layer that the config names",
                "the archive is damaged, or packed otherwise than by gzip; save the image anew");
  }
  blob.descriptor = {kOciGzipLayer, digests->digest, digests->size, {}, ""};
  if (seen_.insert(digests->digest).second) {
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
