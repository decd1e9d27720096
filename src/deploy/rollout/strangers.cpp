#include "deploy/rollout/strangers.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/parallel.hpp"
#include "deploy/rollout/members.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

std::shared_ptr<const json> member_of(const std::vector<Member>& members, const ObjectRef& ref) {
  const auto found = std::find_if(members.begin(), members.end(), [&ref](const Member& member) {
    return member.ref.same_object(ref);
  });
  return found == members.end() ? nullptr : found->object;
}

// Whose set it is. Who may not read the Secrets of all namespaces looks into his own.
std::optional<Inventory> service_of(kube::Client& client, const std::string& id,
                                    const std::string& space) {
  for (const auto& where : {std::string(), space}) {
    if (const auto services = list_inventories(client, where)) {
      const auto found = std::find_if(services->begin(), services->end(),
                                      [&id](const Inventory& one) { return one.id == id; });
      return found == services->end() ? std::nullopt : std::optional(*found);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<LiveObjects> read_live(const std::shared_ptr<kube::Connection>& connection,
                              const std::vector<Wanted>& wanted,
                              const std::vector<Member>& members) {
  LiveObjects live(wanted.size());
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    live[i] = member_of(members, wanted[i].ref);
    if (!live[i] && !wanted[i].unknown_kind) {
      unknown.push_back(i);
    }
  }
  std::vector<std::optional<Error>> errors(wanted.size());
  kube::in_parallel(connection, unknown.size(), [&](kube::Client& client, std::size_t i) {
    const ObjectRef& ref = wanted[unknown[i]].ref;
    auto object = client.get(ref.path(), {}, "reading " + ref.text());
    if (object) {
      live[unknown[i]] = std::make_shared<const json>(std::move(*object));
    } else if (object.error().reason != "not_found") {
      errors[unknown[i]] = std::move(object).error();
    }
  });
  for (auto& error : errors) {
    if (error) {
      return fail(std::move(*error));
    }
  }
  return live;
}

std::optional<Error> stranger(kube::Client& client, const Inventory& own, const ObjectRef& ref,
                              const json& live) {
  const std::string id = kube::text(live, {"metadata", "labels", kPartOfLabel});
  if (id.empty() || id == own.id) {
    return std::nullopt;
  }
  const auto other = service_of(client, id, own.space);
  if (!other) {
    return Error{
        Errc::kConflict,
        ref.text() + " belongs to another set of objects (" + id + "), not to service " + own.name,
        "rename it in these files, or take it out of them; if that set is gone, take the "
        "label " +
            std::string(kPartOfLabel) + " off it",
        {},
        kOtherSet};
  }
  return Error{Errc::kConflict,
               ref.text() + " belongs to service " + other->name + " of namespace " + other->space +
                   " already, and an object is part of one service only",
               "rename it in these files or take it out of them, or delete service " + other->name +
                   " first",
               {},
               kOtherSet};
}

}  // namespace marvel::rollout
