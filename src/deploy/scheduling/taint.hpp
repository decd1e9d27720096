#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// A mark on a node that keeps pods away. Key and effect together name it; a node has each such
// pair once.
struct Taint {
  std::string key;
  std::string value;
  std::string effect;      // NoSchedule, PreferNoSchedule or NoExecute
  std::string time_added;  // when a NoExecute taint was set (RFC 3339), or empty

  bool operator==(const Taint&) const = default;
};

bool same_identity(const Taint& a, const Taint& b);
// "Layer=GRNEDGE1:NoSchedule", as kubectl writes it.
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
// a cluster may have switched off, tolerate nothing here.
bool tolerates(const Toleration& toleration, const Taint& taint);
bool tolerated(const std::vector<Toleration>& tolerations, const Taint& taint);

// The first taint that keeps a pod with `tolerations` from being scheduled: NoSchedule or
// NoExecute, in the node's order. Null when there is none; else it points into `taints`.
const Taint* find_untolerated(const std::vector<Taint>& taints,
                              const std::vector<Toleration>& tolerations);

// How long a pod may stay after `taint` (NoExecute) came: nothing for ever, 0 not at all, else the
// least of the seconds of the tolerations that match.
std::optional<std::int64_t> stay_seconds(const std::vector<Toleration>& tolerations,
                                         const Taint& taint);

// From the `taints` and `tolerations` lists of API objects.
std::vector<Taint> taints_from(const nlohmann::json& list);
std::vector<Toleration> tolerations_from(const nlohmann::json& list);
nlohmann::json to_json(const std::vector<Taint>& taints);

}  // namespace marvel::scheduling
