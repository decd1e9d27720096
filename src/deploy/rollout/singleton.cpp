#include "deploy/rollout/singleton.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/members.hpp"
#include "deploy/rollout/remove.hpp"

#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

// False when it is there.
Result<bool> create_marker(kube::Client& client, const Inventory& own) {
  const ObjectRef ref = marker_ref(own);
  const json marker = {{"apiVersion", "v1"},
                       {"kind", "ConfigMap"},
                       {"metadata",
                        {{"name", ref.name},
                         {"namespace", own.space},
                         {"labels", {{kServiceLabel, own.name}, {kPartOfLabel, own.id}}}}}};
  MARVEL_TRY(const auto reply, client.exchange({.method = "POST",
                                                .path = ref.resource.path(own.space),
                                                .body = kube::json_text(marker)}));
  if (!reply.ok() && reply.status != 409) {
    return fail(to_error(kube::read_status(reply.status, reply.body), "creating " + ref.name));
  }
  return reply.ok();
}

// Deletes by uid, so of two that take it over at once only one deletes it.
Result<bool> replace_marker(kube::Client& client, const Inventory& own, const Member& old) {
  if (auto error = delete_object(client, old, false); error && error->code != Errc::kConflict) {
    return fail(std::move(*error));
  }
  return create_marker(client, own);
}

}  // namespace

ObjectRef marker_ref(const Inventory& own) {
  return {
      {"", "v1", "ConfigMap", "configmaps", true, {}}, own.space, "marvel-singleton-" + own.origin};
}

Inventory with_marker_kind(Inventory inventory) {
  const auto at = std::lower_bound(inventory.kinds.begin(), inventory.kinds.end(), "ConfigMap");
  if (at == inventory.kinds.end() || *at != "ConfigMap") {
    inventory.kinds.insert(at, "ConfigMap");
  }
  return inventory;
}

Result<Twin> look_for_twin(kube::Client& client, const Inventory& own) {
  const ObjectRef ref = marker_ref(own);
  auto marker = client.get(ref.path(), {}, "reading " + ref.name);
  if (!marker) {
    return marker.error().reason == "not_found" ? Result<Twin>(Twin()) : fail(marker.error());
  }
  const std::string service = kube::text(*marker, {"metadata", "labels", kServiceLabel});
  if (service == own.name) {
    return Twin();
  }
  MARVEL_TRY(const auto other, read_inventory(client, service, own.space));
  if (other) {
    return Twin{service, std::nullopt};
  }
  return Twin{"", Member{ref, std::make_shared<const json>(std::move(*marker))}};
}

Result<std::string> claim_marker(kube::Client& client, const Inventory& own) {
  MARVEL_TRY(bool created, create_marker(client, own));
  if (created) {
    return std::string();
  }
  MARVEL_TRY(Twin twin, look_for_twin(client, own));
  if (twin.outlived) {
    MARVEL_TRY(created, replace_marker(client, own, *twin.outlived));
    if (!created) {
      MARVEL_TRY(twin, look_for_twin(client, own));
    }
  }
  return twin.running_as;
}

}  // namespace marvel::rollout
