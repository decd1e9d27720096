#include "deploy/rollout/members.hpp"

#include "deploy/kube/api_error.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/paging.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

std::string parent_path(const std::string& service, const std::string& space) {
  return "/api/v1/namespaces/" + net::percent_encode(space) + "/secrets/" +
         net::percent_encode(parent_name(service));
}

// The endpoints controllers copy the labels of a Service, the set's among them, to what they make
// of it. Hand-written endpoints are ours by who wrote them.
bool is_copy(const kube::Resource& resource, const json& object) {
  const json& writers = kube::field(object, {"metadata", "managedFields"});
  return (resource.kind == "Endpoints" || resource.kind == "EndpointSlice") &&
         std::none_of(writers.begin(), writers.end(), [](const json& writer) {
           return kube::text(writer, {"manager"}) == kManager;
         });
}

Status list_into(kube::Client& client, const kube::Resource& resource, const std::string& space,
                 const Inventory& inventory, std::vector<Member>& members) {
  const std::size_t before = members.size();
  const auto take = [&](const json& item) -> Status {
    if (is_copy(resource, item)) {
      return {};
    }
    json object = item;
    object["apiVersion"] = resource.api_version();  // items of a list do not carry these two
    object["kind"] = resource.kind;
    members.push_back({{resource, kube::text(item, {"metadata", "namespace"}),
                        kube::text(item, {"metadata", "name"})},
                       std::make_shared<const json>(std::move(object))});
    return {};
  };
  MARVEL_TRY([[maybe_unused]] const auto end,
             kube::list_all(
                 client, resource.path(space),
                 {{"labelSelector", std::string(kPartOfLabel) + "=" + inventory.id}}, take,
                 [&] { members.resize(before); }, "listing " + resource.plural));
  return {};
}

}  // namespace

Result<std::optional<Inventory>> read_inventory(kube::Client& client, const std::string& service,
                                                const std::string& space) {
  auto parent = client.get(parent_path(service, space), {}, "reading service " + service);
  if (!parent) {
    if (parent.error().reason == "not_found") {
      return std::optional<Inventory>();
    }
    return fail(std::move(parent).error());
  }
  MARVEL_TRY(Inventory inventory, inventory_from(*parent));
  return std::optional<Inventory>(std::move(inventory));
}

Result<std::vector<Inventory>> list_inventories(kube::Client& client, const std::string& space) {
  std::vector<Inventory> inventories;
  const std::string path = space.empty()
                               ? "/api/v1/secrets"
                               : "/api/v1/namespaces/" + net::percent_encode(space) + "/secrets";
  const auto take = [&](const json& item) -> Status {
    if (auto inventory = inventory_from(item)) {
      inventories.push_back(std::move(*inventory));
    }
    return {};
  };
  MARVEL_TRY(
      [[maybe_unused]] const auto end,
      kube::list_all(
          client, path, {{"labelSelector", kIdLabel}, {"fieldSelector", "type=marvel/service"}},
          take, [&] { inventories.clear(); }, "listing services"));
  return inventories;
}

Result<std::vector<Member>> list_members(kube::Client& client, kube::Discovery& discovery,
                                         const Inventory& inventory) {
  std::vector<Member> members;
  for (const auto& kind : inventory.kinds) {
    const auto resource = discovery.find_group_kind(kind);
    if (!resource) {
      if (resource.error().reason == "not_found") {
        continue;
      }
      return fail(resource.error());
    }
    if (!resource->namespaced) {
      MARVEL_TRY_STATUS(list_into(client, *resource, "", inventory, members));
      continue;
    }
    std::set<std::string> spaces(inventory.spaces.begin(), inventory.spaces.end());
    spaces.insert(inventory.space);
    for (const auto& space : spaces) {
      MARVEL_TRY_STATUS(list_into(client, *resource, space, inventory, members));
    }
  }
  return members;
}

Status delete_inventory(kube::Client& client, const Inventory& inventory) {
  MARVEL_TRY(
      const auto reply,
      client.exchange({.method = "DELETE", .path = parent_path(inventory.name, inventory.space)}));
  if (!reply.ok() && reply.status != 404) {
    return fail(to_error(kube::read_status(reply.status, reply.body), "deleting the inventory"));
  }
  return {};
}

Status write_inventory(kube::Client& client, const Inventory& inventory, bool dry_run) {
  kube::Call call{.method = "PATCH",
                  .path = parent_path(inventory.name, inventory.space),
                  .query = {{"fieldManager", kManager}, {"force", "true"}},
                  .body = kube::json_text(parent_object(inventory)),
                  .content_type = kube::kServerSideApply};
  if (dry_run) {
    call.query.emplace_back("dryRun", "All");
  }
  MARVEL_TRY([[maybe_unused]] const json answer,
             client.object(call, "writing the inventory of " + inventory.name));
  return {};
}

}  // namespace marvel::rollout
