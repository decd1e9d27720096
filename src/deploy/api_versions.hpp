#pragma once

#include <span>
#include <string_view>

namespace marvel::deploy {

// An API version that Kubernetes took out of service, and what took its place.
struct OldApi {
  std::string_view api_version;
  std::string_view kind;
  int deprecated;            // in Kubernetes 1.<deprecated>
  int removed;               // since Kubernetes 1.<removed>
  std::string_view instead;  // apiVersion to use; empty: the kind is gone
  // Whether the new version takes the old body as it is.
  bool same_body;
};

std::span<const OldApi> old_apis();
// Null when the version is in service, or unknown.
const OldApi* find_old_api(std::string_view api_version, std::string_view kind);

}  // namespace marvel::deploy
