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

struct PushOptions {
  RegistryOptions registry;
  std::vector<std::string> mount_from;  // repositories of the same registry that may have layers
  std::filesystem::path journal;        // folder for unfinished uploads; empty: none
  UploadOptions upload;
  int jobs = 3;  // uploads side by side, >= 1
};

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
Result<PushReport> push(const ArchiveImage& image, const Reference& target,
                        const PushOptions& options, Context& context);

}  // namespace marvel::deploy::images
