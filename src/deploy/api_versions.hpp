#pragma once

#include <span>
#include <string_view>

namespace marvel::deploy {

// An API version that Kubernetes took out of service, and what took its place; from Kubernetes'
// deprecated API migration guide. lint tells of them, fix.hpp converts them. The texts live as long
// as the program.
struct OldApi {
  std::string_view api_version;
  std::string_view kind;
  int deprecated;            // in Kubernetes 1.<deprecated>
  int removed;               // since Kubernetes 1.<removed>
  std::string_view instead;  // apiVersion to use; empty: the kind is gone
  int since;                 // Kubernetes 1.<since> is the first that serves `instead`
  // Whether the new version takes the old body as it is, and its schema is at hand to look at the
  // outcome. Where not, fields may have moved or changed their meaning, and a new apiVersion alone
  // could make the object wrong.
  bool same_body;
};

// All of them, a row for each pair of version and kind.
std::span<const OldApi> old_apis();
// Null when the version is in service, or unknown. Both words must be as Kubernetes writes them.
// What it finds may still be served by the cluster in question: compare with `deprecated` and
// `removed`.
//   find_old_api("batch/v1beta1", "CronJob")->instead    // "batch/v1"
const OldApi* find_old_api(std::string_view api_version, std::string_view kind);

}  // namespace marvel::deploy
