#include "deploy/rollout/history.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/paging.hpp"
#include "deploy/rollout/packed.hpp"
#include "net/sha256.hpp"
#include "net/url.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr const char* kType = "marvel/revision";
constexpr const char* kCauseAnnotation = "marvel/cause";
constexpr const char* kSingletonAnnotation = "marvel/singleton";
constexpr const char* kObjects = "objects";           // keys in the Secret's data
constexpr const char* kHidden = "hidden";             // places of secrets, for each object
constexpr std::size_t kLargestSecret = 1U << 20U;     // the server's limit for the data in it
constexpr std::size_t kLargestManifest = 64U << 20U;  // unpacked

std::string secrets_path(const Inventory& inventory) {
  return "/api/v1/namespaces/" + net::percent_encode(inventory.space) + "/secrets";
}

std::string revision_name(const Inventory& inventory, int number) {
  return parent_name(inventory.name) + ".v" + std::to_string(number);
}

std::string pack(const json& value) {
  return base64_encode(gzip(kube::json_text(value)));
}

Result<json> unpack_part(const json& secret, const char* part) {
  MARVEL_TRY(const std::string packed, base64_decode(text(secret, {"data", part})));
  MARVEL_TRY(const std::string plain, gunzip(packed, kLargestManifest));
  return kube::parse_json(plain, std::string("the ") + part);
}

// Without this part nobody could tell what must not be shown, so a damaged one is no revision.
Status unpack_hidden(const json& secret, std::vector<deploy::Object>& objects) {
  if (kube::field(secret, {"data", kHidden}).is_null()) {
    return {};  // no secrets, or written before they were noted
  }
  MARVEL_TRY(const json places, unpack_part(secret, kHidden));
  if (!places.is_array() || places.size() != objects.size()) {
    return fail(Errc::kInput, "does not say where its secrets are");
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    objects[i].set_hidden(kube::text_map(places[i], {}));
  }
  return {};
}

Result<std::vector<deploy::Object>> unpack(const json& secret) {
  MARVEL_TRY(const json bodies, unpack_part(secret, kObjects));
  if (!bodies.is_array()) {
    return fail(Errc::kInput, "holds no list of objects");
  }
  std::vector<deploy::Object> objects;
  for (const json& body : bodies) {
    if (text(body, {"kind"}).empty() || text(body, {"metadata", "name"}).empty()) {
      return fail(Errc::kInput, "holds an object without kind or name");
    }
    objects.emplace_back(body);
  }
  MARVEL_TRY_STATUS(unpack_hidden(secret, objects));
  return objects;
}

// What a revision holds, packed, by key.
json parts_of(const Revision& revision) {
  json bodies = json::array();
  json places = json::array();
  bool any = false;
  for (const auto& object : revision.objects) {
    bodies.push_back(object.body());
    places.push_back(json(object.hidden()));
    any |= !object.hidden().empty();
  }
  json parts = {{kObjects, pack(bodies)}};
  if (any) {
    parts[kHidden] = pack(places);
  }
  return parts;
}

// The Secrets of all revisions, as they come.
Status each_secret(kube::Client& client, const Inventory& inventory, const kube::OnItem& take,
                   const std::function<void()>& restart) {
  MARVEL_TRY([[maybe_unused]] const auto end,
             kube::list_all(client, secrets_path(inventory),
                            {{"labelSelector", std::string(kServiceLabel) + "=" + inventory.name},
                             {"fieldSelector", std::string("type=") + kType}},
                            take, restart, "listing the revisions of " + inventory.name));
  return {};
}

}  // namespace

json revision_object(const Inventory& inventory, const Revision& revision) {
  json labels = {{kServiceLabel, inventory.name}};
  if (!revision.origin.empty()) {
    labels[kTemplateLabel] = revision.origin;
  }
  json annotations = {{kRevisionAnnotation, std::to_string(revision.number)},
                      {kCauseAnnotation, revision.cause}};
  if (revision.singleton) {
    annotations[kSingletonAnnotation] = "true";
  }
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", kType},
          {"metadata",
           {{"name", revision_name(inventory, revision.number)},
            {"namespace", inventory.space},
            {"labels", labels},
            {"annotations", annotations}}},
          {"data", parts_of(revision)}};
}

Result<Revision> revision_from(const json& secret) {
  const json& metadata = kube::field(secret, {"metadata"});
  const std::string name = text(metadata, {"name"});
  Revision revision;
  const auto number = parse_integer(text(metadata, {"annotations", kRevisionAnnotation}));
  if (!number || *number < 1 || *number > 1'000'000) {
    return fail(Errc::kInput, "Secret " + name + " names no revision");
  }
  revision.number = static_cast<int>(*number);
  revision.when = text(metadata, {"creationTimestamp"});
  revision.cause = text(metadata, {"annotations", kCauseAnnotation});
  revision.origin = text(metadata, {"labels", kTemplateLabel});
  revision.singleton = text(metadata, {"annotations", kSingletonAnnotation}) == "true";
  auto objects = unpack(secret);
  if (!objects) {
    return fail(Errc::kInput, "Secret " + name + " " + objects.error().message);
  }
  revision.objects = std::move(*objects);
  return revision;
}

Result<std::string> digest_of(const std::vector<Wanted>& wanted) {
  std::vector<std::string> bodies;
  for (const auto& one : wanted) {
    bodies.push_back(one.body);
  }
  std::sort(bodies.begin(), bodies.end());
  return net::sha256_hex(join(bodies, "\n"));
}

std::vector<deploy::Object> objects_of(const std::vector<Wanted>& wanted) {
  std::vector<deploy::Object> objects;
  for (const auto& one : wanted) {
    json body = json::parse(one.body);
    json& labels = body["metadata"]["labels"];
    labels.erase(kPartOfLabel);
    if (labels.empty()) {
      body["metadata"].erase("labels");
    }
    objects.emplace_back(body);
    objects.back().set_hidden(one.hidden);
  }
  return objects;
}

Result<bool> write_revision(kube::Client& client, const Inventory& inventory,
                            const Revision& revision) {
  const json secret = revision_object(inventory, revision);
  std::size_t size = 0;
  for (const auto& [key, part] : kube::text_map(secret, {"data"})) {
    MARVEL_TRY(const std::string packed, base64_decode(part));
    size += packed.size();
  }
  if (size > kLargestSecret) {
    return false;
  }
  const kube::Call call{
      .method = "PATCH",
      .path = secrets_path(inventory) + "/" + revision_name(inventory, revision.number),
      .query = {{"fieldManager", kManager}, {"force", "true"}},
      .body = kube::json_text(secret),
      .content_type = kube::kServerSideApply};
  MARVEL_TRY([[maybe_unused]] const json answer,
             client.object(call, "writing revision " + std::to_string(revision.number) + " of " +
                                     inventory.name));
  return true;
}

Result<History> read_history(kube::Client& client, const Inventory& inventory) {
  History history;
  MARVEL_TRY_STATUS(each_secret(
      client, inventory,
      [&history](const json& secret) -> Status {
        auto revision = revision_from(secret);
        if (revision) {
          history.revisions.push_back(std::move(*revision));
        } else {
          history.damaged.push_back(revision.error().message);
        }
        return {};
      },
      [&history] { history = {}; }));
  std::sort(history.revisions.begin(), history.revisions.end(),
            [](const Revision& a, const Revision& b) { return a.number > b.number; });
  return history;
}

Result<Revision> read_revision(kube::Client& client, const Inventory& inventory, int number) {
  MARVEL_TRY(const json secret,
             client.get(secrets_path(inventory) + "/" + revision_name(inventory, number), {},
                        "reading revision " + std::to_string(number) + " of " + inventory.name));
  return revision_from(secret);
}

namespace {

void note(const Revision& revision, Inventory& inventory) {
  std::vector<ObjectName> names;
  for (const auto& object : revision.objects) {
    const std::string space = object.space().empty() ? "" : object.space() + "/";
    if (!object.hidden().empty()) {
      inventory.hidden[object.kind() + " " + space + object.name()] = object.hidden();
    }
    if (!goes_by_itself(object.body())) {
      names.push_back({object.api_version(), object.kind(), object.space(), object.name()});
    }
  }
  std::sort(names.begin(), names.end());
  if (!inventory.unfinished) {
    inventory.wanted = std::move(names);
  }
}

}  // namespace

Status note_from_revision(kube::Client& client, Inventory& inventory) {
  if (inventory.wanted || inventory.revision == 0) {
    return {};
  }
  const auto revision = read_revision(client, inventory, inventory.revision);
  if (revision) {
    note(*revision, inventory);
    return {};
  }
  const bool unknown = revision.error().code == Errc::kInput ||
                       revision.error().reason == "not_found" ||
                       revision.error().reason == "forbidden";
  return unknown ? Status() : fail(revision.error());
}

Status trim_history(kube::Client& client, const Inventory& inventory, std::size_t keep) {
  std::vector<std::pair<std::int64_t, std::string>> names;  // by number; damaged ones go first
  MARVEL_TRY_STATUS(each_secret(
      client, inventory,
      [&names](const json& secret) -> Status {
        const auto number =
            parse_integer(text(secret, {"metadata", "annotations", kRevisionAnnotation}));
        names.emplace_back(number.value_or(0), text(secret, {"metadata", "name"}));
        return {};
      },
      [&names] { names.clear(); }));
  std::sort(names.begin(), names.end());
  for (std::size_t i = 0; i + keep < names.size(); ++i) {
    MARVEL_TRY(const auto reply, client.exchange({.method = "DELETE",
                                                  .path = secrets_path(inventory) + "/" +
                                                          net::percent_encode(names[i].second)}));
    if (!reply.ok() && reply.status != 404) {
      return fail(to_error(kube::read_status(reply.status, reply.body),
                           "deleting Secret " + names[i].second));
    }
  }
  return {};
}

}  // namespace marvel::rollout
