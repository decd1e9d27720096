#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "deploy/images/archive.hpp"
#include "deploy/images/reference.hpp"
#include "deploy/images/registry.hpp"
#include "deploy/images/upload.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace marvel::deploy::images {

// How to push. Memory is about jobs x 2 x upload.chunk.
struct PushOptions {
  RegistryOptions registry;
  // Repositories of the same registry that may have layers, asked in this order.
  std::vector<std::string> mount_from;
  // Folder for the places of unfinished uploads (UploadJournal); empty: none are kept.
  std::filesystem::path journal;
  UploadOptions upload;
  int jobs = 3;  // uploads side by side, >= 1
};

// What a push did. there + mounted + uploaded is the number of blobs, unless the image was
// unchanged: then nothing was looked at.
struct PushReport {
  std::string digest;          // of the image
  bool unchanged = false;      // the tag had this digest before
  std::uint64_t there = 0;     // blobs that the repository had
  std::uint64_t mounted = 0;   // blobs taken from another repository
  std::uint64_t uploaded = 0;  // blobs sent
  std::uint64_t bytes = 0;     // of the blobs sent, with those that an earlier run had sent
};

// Makes `image` the image `target`: sends the blobs that the registry lacks, then the documents,
// the tag last, so that a tag never names an image that is not whole. Doing it again sends nothing.
// A run that is stopped or loses the registry leaves what has arrived, and the next goes on there.
//
// Each of `jobs` threads has a Registry of its own, and the first failure stops the others.
// `target` without tag and digest is "latest". kInput when its digest is not the image's; else the
// errors of Registry and upload_blob. Blocks until all is done, and tells the progress in bytes.
Result<PushReport> push(const ArchiveImage& image, const Reference& target,
                        const PushOptions& options, Context& context);

}  // namespace marvel::deploy::images
