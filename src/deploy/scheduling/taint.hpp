#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// Taints and tolerations as Kubernetes' scheduler and its evictions understand them. All functions
// here are pure and any thread may call them; nothing in an API object makes them fail: what is
// absent or of another type reads as empty text.

// A mark on a node that keeps pods away. Key and effect together name it; a node has each such pair
// once. NoSchedule keeps new pods out, NoExecute also makes running ones leave, PreferNoSchedule is
// a wish that no filter heeds.
struct Taint {
  std::string key;
  std::string value;
  std::string effect;      // NoSchedule, PreferNoSchedule or NoExecute
  std::string time_added;  // when a NoExecute taint was set (RFC 3339), or empty

  bool operator==(const Taint&) const = default;
};

// Same key and effect, whatever the values: setting one replaces the other.
bool same_identity(const Taint& a, const Taint& b);
// Whether one of `taints` has key, effect and value of `wanted`, whenever it was set.
bool has_taint(const std::vector<Taint>& taints, const Taint& wanted);
// "Layer=GRNEDGE1:NoSchedule", as kubectl writes it; "Layer:NoSchedule" without a value. The time
// is left out.
std::string to_string(const Taint& taint);

// What a pod puts up with.
struct Toleration {
  std::string key;  // empty: every key
  std::string op;   // empty or Equal, Exists, Lt, Gt
  std::string value;
  std::string effect;                   // empty: every effect
  std::optional<std::int64_t> seconds;  // how long after NoExecute strikes; nothing: for ever
};

// The rule of the scheduler (Kubernetes 1.37, core/v1 Toleration.ToleratesTaint). Lt and Gt, which
// a cluster may have switched off, tolerate nothing here, and so do words that are no operator.
//   tolerates({.key = "Layer", .op = "Exists"}, {"Layer", "GRNEDGE1", "NoSchedule"})    // true
bool tolerates(const Toleration& toleration, const Taint& taint);
// Whether one of them does.
bool tolerated(const std::vector<Toleration>& tolerations, const Taint& taint);

// The first taint that keeps a pod with `tolerations` from being scheduled: NoSchedule or
// NoExecute, in the node's order. Null when there is none; else it points into `taints`.
const Taint* find_untolerated(const std::vector<Taint>& taints,
                              const std::vector<Toleration>& tolerations);

// How long a pod may stay after `taint` (NoExecute) came: nothing for ever, 0 not at all, else the
// least of the seconds of the tolerations that match. One without seconds does not lengthen what
// another limits.
std::optional<std::int64_t> stay_seconds(const std::vector<Toleration>& tolerations,
                                         const Taint& taint);

// From the `taints` and `tolerations` lists of API objects; empty for anything but a list. to_json
// is the way back for taints: empty values and times are left out, as the API server has them.
std::vector<Taint> taints_from(const nlohmann::json& list);
std::vector<Toleration> tolerations_from(const nlohmann::json& list);
nlohmann::json to_json(const std::vector<Taint>& taints);

}  // namespace marvel::scheduling
