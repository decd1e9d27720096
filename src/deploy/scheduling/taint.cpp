#include "deploy/scheduling/taint.hpp"

#include "deploy/kube/fields.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::scheduling {

using kube::field;
using kube::text;
using nlohmann::json;

bool same_identity(const Taint& a, const Taint& b) {
  return a.key == b.key && a.effect == b.effect;
}

bool has_taint(const std::vector<Taint>& taints, const Taint& wanted) {
  return std::any_of(taints.begin(), taints.end(), [&wanted](const Taint& taint) {
    return same_identity(taint, wanted) && taint.value == wanted.value;
  });
}

std::string to_string(const Taint& taint) {
  return taint.key + (taint.value.empty() ? "" : "=" + taint.value) + ":" + taint.effect;
}

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) {
    return false;
  }
  if (!toleration.key.empty() && toleration.key != taint.key) {
    return false;
  }
  if (toleration.op.empty() || toleration.op == "Equal") {
    return toleration.value == taint.value;
  }
  return toleration.op == "Exists";
}

bool tolerated(const std::vector<Toleration>& tolerations, const Taint& taint) {
  return std::any_of(tolerations.begin(), tolerations.end(),
                     [&taint](const auto& one) { return tolerates(one, taint); });
}

const Taint* find_untolerated(const std::vector<Taint>& taints,
                              const std::vector<Toleration>& tolerations) {
  const auto found = std::find_if(taints.begin(), taints.end(), [&](const Taint& taint) {
    return (taint.effect == "NoSchedule" || taint.effect == "NoExecute") &&
           !tolerated(tolerations, taint);
  });
  return found == taints.end() ? nullptr : &*found;
}

std::optional<std::int64_t> stay_seconds(const std::vector<Toleration>& tolerations,
                                         const Taint& taint) {
  bool any = false;
  std::optional<std::int64_t> least;
  for (const auto& one : tolerations) {
    if (tolerates(one, taint)) {
      any = true;
      if (one.seconds) {
        const std::int64_t seconds = std::max<std::int64_t>(*one.seconds, 0);
        least = std::min(least.value_or(seconds), seconds);
      }
    }
  }
  return any ? least : std::optional<std::int64_t>(0);
}

std::vector<Taint> taints_from(const json& list) {
  std::vector<Taint> taints;
  if (list.is_array()) {
    for (const auto& item : list) {
      taints.push_back({text(item, {"key"}), text(item, {"value"}), text(item, {"effect"}),
                        text(item, {"timeAdded"})});
    }
  }
  return taints;
}

std::vector<Toleration> tolerations_from(const json& list) {
  std::vector<Toleration> tolerations;
  if (list.is_array()) {
    for (const auto& item : list) {
      Toleration one{text(item, {"key"}), text(item, {"operator"}), text(item, {"value"}),
                     text(item, {"effect"}), std::nullopt};
      if (field(item, {"tolerationSeconds"}).is_number_integer()) {
        one.seconds = kube::whole(item, {"tolerationSeconds"});
      }
      tolerations.push_back(std::move(one));
    }
  }
  return tolerations;
}

json to_json(const std::vector<Taint>& taints) {
  json list = json::array();
  for (const Taint& taint : taints) {
    json item = {{"key", taint.key}, {"effect", taint.effect}};
    if (!taint.value.empty()) {
      item["value"] = taint.value;
    }
    if (!taint.time_added.empty()) {
      item["timeAdded"] = taint.time_added;
    }
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace marvel::scheduling
