#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "deploy/images/blob.hpp"
#include "deploy/images/manifest.hpp"

#include <memory>
#include <string>
#include <vector>

namespace marvel::deploy::images {

// A manifest or index, which is put under its digest, byte by byte as it is here.
struct Document {
  std::string digest;
  std::string media_type;
  std::string bytes;
};

// An image in an archive, in the order in which it is pushed: blobs, then documents, of which the
// last is the image itself; before an index come the manifests of its platforms. Of an index whose
// archive has one platform alone, as Docker saves what it has pulled, it is that platform's
// manifest. Never without a document. The bytes of the blobs stay in the archive, which is open as
// long as one of them lives.
struct ArchiveImage {
  std::string name;         // as the archive says, in full if it does, or empty
  std::vector<Blob> blobs;  // each digest once
  std::vector<Document> documents;
};

// Reads a tar archive in OCI layout (index.json, oci-layout, blobs/) or as `docker save` and skopeo
// write it (manifest.json). An archive that is both counts as OCI layout, as `docker save` writes
// it since Docker 25. `wanted` picks an image by its name in the archive,
// "docker.io/library/sed:1.2" or "sed:1.2", or by its digest; empty when there is but one. Entries
// of one digest are one image.
//
//   MARVEL_TRY(auto source, open_file("sed.tar"));
//   MARVEL_TRY(const auto image, read_archive(std::move(source), "", context));
//
// Of an OCI layout the documents are verified here, and the blobs' sizes; their digests are
// verified while they are sent. Layers of a docker archive are packed with gzip into an OCI image,
// unless they are gzip files already, which go as they are: they are read here once for their
// digests, and checked against the config's diff_ids. That takes the time of packing them all, and
// upload_blob packs them again: nothing is written to disk. Says by the log when it leaves an index
// for its one platform. kInput for archives that are damaged or lack some of several platforms,
// kUsage when `wanted` does not pick exactly one image, kFailed after a stop.
Result<ArchiveImage> read_archive(std::shared_ptr<const Source> source, const std::string& wanted,
                                  Context& context);

}  // namespace marvel::deploy::images
