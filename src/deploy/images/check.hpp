#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "deploy/images/manifest.hpp"
#include "deploy/images/reference.hpp"
#include "deploy/images/registry.hpp"

#include <functional>
#include <string>
#include <vector>

namespace marvel::deploy::images {

// An image that a template asks for: one for each container, so the same image may come many times.
struct ImageUse {
  std::string image;  // as written
  std::string place;  // "file.yaml:12:16"
  // That it must have here, beside those asked for all.
  std::vector<Platform> platforms = {};  // NOLINT(readability-redundant-member-init)
};

enum class CheckState {
  kGood,
  kMissing,        // there is no such image
  kWrongPlatform,  // there is, but not for a platform asked for, or the index alone names that
  kInvalid,        // the name is no image reference
  kUnknown,        // the registry cannot be asked, or does not let us
};

// "good", "missing", "wrong platform", "invalid", "unknown": as tables and JSON have it.
std::string check_state_name(CheckState state);

// What is known of one use.
struct CheckRow {
  ImageUse use;
  CheckState state = CheckState::kUnknown;
  // Of the document that the tag stands for; empty where it was not found.
  std::string digest;
  std::vector<std::string> platforms;  // that it has; empty where none was asked for
  std::string note;                    // why it is not good, or what to mind about a good one
};

// Makes the client for an image's registry; called once for each repository, because credentials
// may be for one alone, also when it fails: then all images of that repository are kUnknown. A
// template may name any host, so it decides who gets which credentials.
using RegistryMaker = std::function<Result<Registry>(const Reference& image)>;

// Asks for each image whether it exists and has all of `platforms` and of its own (none: any will
// do). Each image is asked for once for the same platforms. A name without a registry is
// docker.io's, as for kubelets. Only a stop is an error; all else is a row. Rows are in the order
// of `uses`, one for each.
//
// Without a platform only the digest of an image is asked for; with one its manifests and configs
// are fetched. One image after the other, in this thread.
Result<std::vector<CheckRow>> check_images(const std::vector<ImageUse>& uses,
                                           const std::vector<Platform>& platforms,
                                           const RegistryMaker& make, Context& context);

}  // namespace marvel::deploy::images
