#pragma once

#include "base/result.hpp"
#include "deploy/hidden.hpp"

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// What belongs to a service: an ApplySet (Kubernetes KEP-3659). A parent, the Secret
// `marvel-<name>` in the service's namespace, names the kinds of its members; each member carries a
// label with the parent's id. The label is the truth about membership, the list of kinds says where
// to look. That list may be too long, never too short: it grows before a member of a new kind is
// made, and shrinks after the last one is gone. Only with a service that is deleted as a whole it
// goes at once, while some objects may still be on their way out.
//
//   Secret edge/marvel-web    id: applyset-...-v1, contains-group-kinds: Deployment.apps,Service
//   Deployment edge/web       part-of: applyset-...-v1
//   Service edge/web          part-of: applyset-...-v1

// Labels and annotations of the specification first, then marvel's own; kManager owns our fields in
// server-side apply.
inline constexpr const char* kManager = "marvel";  // of our fields in server-side apply
inline constexpr const char* kIdLabel = "applyset.kubernetes.io/id";
inline constexpr const char* kPartOfLabel = "applyset.kubernetes.io/part-of";
inline constexpr const char* kToolingAnnotation = "applyset.kubernetes.io/tooling";
inline constexpr const char* kKindsAnnotation = "applyset.kubernetes.io/contains-group-kinds";
inline constexpr const char* kSpacesAnnotation = "applyset.kubernetes.io/additional-namespaces";
inline constexpr const char* kServiceLabel = "marvel/service";
inline constexpr const char* kTemplateLabel = "marvel/template";
inline constexpr const char* kRevisionAnnotation = "marvel/revision";
inline constexpr const char* kStateAnnotation = "marvel/state";  // "changing" or "settled"

// An object by its names, as files write them.
struct ObjectName {
  std::string api_version;  // "apps/v1"
  std::string kind;
  std::string space;  // empty for objects of the whole cluster
  std::string name;

  auto operator<=>(const ObjectName&) const = default;
};

// Where objects have secrets of variables, by ObjectRef::text() (plan.hpp): places, and no values.
using HiddenPlaces = std::map<std::string, deploy::Hidden>;

// What the parent says; plain data, read by read_inventory (members.hpp).
struct Inventory {
  std::string name;    // of the service
  std::string space;   // its namespace
  std::string id;      // of the set, see applyset_id
  std::string origin;  // id of the template, or empty
  int revision = 0;    // of the last apply that changed something and came to its end
  // A run that wanted something else than `revision` has begun, and none has come to its end since:
  // the service may be anything between the two.
  bool unfinished = false;
  std::string digest;               // of what that apply wanted, see digest_of
  std::vector<std::string> kinds;   // "Deployment.apps", sorted
  std::vector<std::string> spaces;  // other namespaces with members, sorted
  // What the last run wanted, come to its end or not, without what goes by itself. Nothing where
  // nobody has noted it; `hidden` says nothing then, either.
  std::optional<std::vector<ObjectName>> wanted;
  // Where the members have secrets; while it is unfinished, also where they had them before.
  HiddenPlaces hidden;
};

// "applyset-<b64>-v1", b64 = URL-safe base64 of SHA-256 of "<name>.<namespace>.<kind>.<group>", all
// of the parent. So a copy of a parent has an id that is not its own, and is refused. kUnsupported
// where there is no OpenSSL.
Result<std::string> applyset_id(std::string_view name, std::string_view space,
                                std::string_view kind, std::string_view group);

// "marvel-web" for the service "web"; its Lease has the same name.
std::string parent_name(const std::string& service);
// Of a service that is not there yet: no members, revision 0. Fails as applyset_id does.
Result<Inventory> new_inventory(const std::string& service, const std::string& space,
                                const std::string& origin);
// kUsage for what cannot be part of names of objects: more than 50 bytes, so that "marvel-" and
// ".v123" fit into 63, others than a-z, 0-9 and "-", or "-" at an end.
Status check_service_name(const std::string& name);

// The parent as a body of server-side apply, and read from the server. The digest is data of the
// Secret and no annotation: guesses at a secret could be tried against it. What was wanted and
// where secrets are is data as well, since annotations have no room for it; a damaged part reads as
// not noted. kConflict when the set belongs to another tool or its id is not its own.
nlohmann::json parent_object(const Inventory& inventory);
Result<Inventory> inventory_from(const nlohmann::json& parent);

}  // namespace marvel::rollout
