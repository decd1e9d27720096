#pragma once

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// What belongs to a service: an ApplySet (Kubernetes KEP-3659). A parent, the Secret
// `marvel-<name>` in the service's namespace, names the kinds of its members; each member carries a
// label with the parent's id. The label is the truth about membership, the list of kinds says
// where to look.

inline constexpr const char* kManager = "marvel";  // of our fields in server-side apply
inline constexpr const char* kIdLabel = "applyset.kubernetes.io/id";
inline constexpr const char* kPartOfLabel = "applyset.kubernetes.io/part-of";
inline constexpr const char* kToolingAnnotation = "applyset.kubernetes.io/tooling";
inline constexpr const char* kKindsAnnotation = "applyset.kubernetes.io/contains-group-kinds";
inline constexpr const char* kSpacesAnnotation = "applyset.kubernetes.io/additional-namespaces";
inline constexpr const char* kServiceLabel = "marvel/service";
inline constexpr const char* kTemplateLabel = "marvel/template";
inline constexpr const char* kRevisionAnnotation = "marvel/revision";

struct Inventory {
  std::string name;                 // of the service
  std::string space;                // its namespace
  std::string id;                   // of the set, see applyset_id
  std::string origin;               // id of the template, or empty
  int revision = 0;                 // of the last apply that changed something
  std::string digest;               // of what that apply wanted, see digest_of
  std::vector<std::string> kinds;   // "Deployment.apps", sorted
  std::vector<std::string> spaces;  // other namespaces with members, sorted
};

// "applyset-<b64>-v1", b64 = URL-safe base64 of SHA-256 of "<name>.<namespace>.<kind>.<group>".
// kUnsupported where there is no OpenSSL.
Result<std::string> applyset_id(std::string_view name, std::string_view space,
                                std::string_view kind, std::string_view group);

std::string parent_name(const std::string& service);
// Of a service that is not there yet.
Result<Inventory> new_inventory(const std::string& service, const std::string& space,
                                const std::string& origin);
// kUsage for what cannot be part of names of objects.
Status check_service_name(const std::string& name);

// The parent as a body of server-side apply, and read from the server. kConflict when the set
// belongs to another tool or its id is not its own.
nlohmann::json parent_object(const Inventory& inventory);
Result<Inventory> inventory_from(const nlohmann::json& parent);

}  // namespace marvel::rollout
