#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "deploy/images/blob.hpp"
#include "deploy/images/manifest.hpp"

#include <memory>
#include <string>
#include <vector>

namespace marvel::deploy::images {

// A document that is put under its digest.
struct Document {
  std::string digest;
  std::string media_type;
  std::string bytes;
};

// An image in an archive, in the order in which it is pushed: blobs, then documents, of which the
// last is the image itself.
struct ArchiveImage {
  std::string name;         // as the archive says, or empty
  std::vector<Blob> blobs;  // each digest once
  std::vector<Document> documents;
};

// Reads a tar archive in OCI layout (index.json, oci-layout, blobs/) or as `docker save` and
// skopeo write it (manifest.json). An archive that is both counts as OCI layout. `wanted` picks an
// image by its name in the archive; empty when there is but one.
//
// Of an OCI layout the documents are verified here, and the blobs' sizes; their digests are
// verified while they are sent. Layers of a docker archive are packed with gzip into an OCI image:
// they are read here once for their digests, and checked against the config's diff_ids.
// kInput for archives that are damaged, kUsage when `wanted` does not pick exactly one image.
Result<ArchiveImage> read_archive(std::shared_ptr<const Source> source, const std::string& wanted,
                                  Context& context);

}  // namespace marvel::deploy::images
