#include "deploy/rollout/datasets.hpp"

#include "base/text.hpp"
#include "deploy/kube/api_error.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/paging.hpp"
#include "deploy/rollout/remove.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::field;
using kube::text;
using nlohmann::json;

constexpr const char* kDatasetLabel = "marvel/dataset";

kube::Resource core_kind(const char* kind, const char* plural) {
  return {"", "v1", kind, plural, true, {}};
}

ObjectRef secret_ref(const std::string& space, const std::string& name) {
  return {core_kind("Secret", "secrets"), space, name};
}

// --- where the applied objects are the same ---

Result<std::optional<json>> read_object(kube::Client& client, const ObjectRef& ref) {
  MARVEL_TRY(const auto reply, client.exchange({.path = ref.path()}));
  if (reply.status == 404) {
    return std::optional<json>();
  }
  if (!reply.ok()) {
    return fail(to_error(kube::read_status(reply.status, reply.body), "reading " + ref.text()));
  }
  MARVEL_TRY(auto object, kube::parse_json(reply.body, "the answer about " + ref.text()));
  return std::optional<json>(std::move(object));
}

Action action_of(const std::optional<json>& before, const json& now) {
  if (!before) {
    return Action::kCreated;
  }
  return differences(*before, now).empty() ? Action::kUnchanged : Action::kConfigured;
}

Result<ObjectResult> apply_object(kube::Client& client, const ObjectRef& ref, const json& object,
                                  const ApplyOptions& options) {
  MARVEL_TRY(const auto before, read_object(client, ref));
  if (options.dry_run == DryRun::kClient) {
    const Action action = before ? Action::kConfigured : Action::kCreated;
    return ObjectResult{ref, "", action, {}, {}, {}};
  }
  kube::Call call{.method = "PATCH",
                  .path = ref.path(),
                  .query = {{"fieldManager", kManager}, {"fieldValidation", "Strict"}},
                  .body = kube::json_text(object),
                  .content_type = kube::kServerSideApply};
  if (options.force_conflicts) {
    call.query.emplace_back("force", "true");
  }
  if (options.dry_run == DryRun::kServer) {
    call.query.emplace_back("dryRun", "All");
  }
  auto now = client.object(call, "applying " + ref.text());
  if (!now) {
    Error error = std::move(now).error();
    if (error.code == Errc::kConflict) {
      error.hint = "--force-conflicts takes the fields over";
    }
    return fail(std::move(error));
  }
  return ObjectResult{ref, "", action_of(before, *now), {}, {}, {}};
}

json object_of(const ObjectRef& ref) {
  return {{"apiVersion", ref.resource.api_version()},
          {"kind", ref.resource.kind},
          {"metadata", {{"name", ref.name}, {"namespace", ref.space}}}};
}

// --- sources ---

// For messages: a name and password in it, which have no business there, are not repeated.
std::string shown(const DatasetSpec& spec) {
  const auto at = spec.source.rfind('@');
  return at == std::string::npos ? spec.source : "..." + spec.source.substr(at);
}

Status only_of_s3(const DatasetSpec& spec) {
  const std::pair<bool, const char*> given[] = {{!spec.endpoint.empty(), "--endpoint"},
                                                {!spec.region.empty(), "--region"},
                                                {!spec.secret.empty(), "credentials"},
                                                {spec.read_only, "--read-only"},
                                                {spec.create_bucket, "--create-bucket"}};
  for (const auto& [is_given, name] : given) {
    if (is_given) {
      return fail(Errc::kUsage, shown(spec) + " takes no " + name, "they belong to s3://BUCKET");
    }
  }
  return {};
}

Result<json> s3_fields(const DatasetSpec& spec) {
  const std::string bucket = spec.source.substr(5);
  if (bucket.empty() || bucket.find('/') != std::string::npos) {
    return fail(Errc::kUsage, shown(spec) + " is no bucket", "write s3://BUCKET, without a folder");
  }
  if (spec.endpoint.empty()) {
    return fail(Errc::kUsage, "no server is named for " + shown(spec),
                "give --endpoint, as in --endpoint http://minio.grn:9000");
  }
  MARVEL_TRY(const auto url, net::parse_url(spec.endpoint));
  json fields = {{"type", "COS"}, {"bucket", bucket}, {"endpoint", url.origin()}};
  if (!spec.region.empty()) {
    fields["region"] = spec.region;
  }
  if (!spec.secret.empty()) {
    fields["secret-name"] = spec.secret;
  }
  if (spec.read_only) {
    fields["readonly"] = "true";
  }
  if (spec.create_bucket) {
    fields["provision"] = "true";
  }
  return fields;
}

Result<json> h3_fields(const DatasetSpec& spec) {
  const std::string uri = spec.source.substr(3);
  if (uri.find("://") == std::string::npos || uri.find('@') != std::string::npos) {
    return fail(Errc::kUsage, shown(spec) + " is no storage of H3",
                "write h3+URI, as in h3+redis://redis.grn:6379; without names and passwords");
  }
  if (spec.bucket.empty()) {
    return fail(Errc::kUsage, "no bucket is named in " + shown(spec), "give --bucket");
  }
  return json{{"type", "H3"}, {"storageUri", uri}, {"bucket", spec.bucket}};
}

Result<json> nfs_fields(const DatasetSpec& spec) {
  const auto slash = spec.source.find('/', 6);
  if (slash == std::string::npos || slash == 6) {
    return fail(Errc::kUsage, shown(spec) + " names no server and folder",
                "write nfs://SERVER/FOLDER");
  }
  return json{{"type", "NFS"},
              {"server", spec.source.substr(6, slash - 6)},
              {"share", spec.source.substr(slash)}};
}

Result<json> archive_fields(const DatasetSpec& spec) {
  MARVEL_TRY(const auto url, net::parse_url(spec.source));
  return json{{"type", "ARCHIVE"}, {"url", url.text()}, {"format", "application/x-tar"}};
}

// The other way round.
std::string source_of(const json& fields) {
  const std::string type = text(fields, {"type"});
  if (type == "COS") {
    return "s3://" + text(fields, {"bucket"});
  }
  if (type == "H3") {
    return "h3+" + text(fields, {"storageUri"});
  }
  if (type == "NFS") {
    return "nfs://" + text(fields, {"server"}) + text(fields, {"share"});
  }
  return type == "ARCHIVE" ? text(fields, {"url"}) : type;
}

bool mounts(const json& pod, const std::string& claim) {
  const json& volumes = field(pod, {"spec", "volumes"});
  return std::any_of(volumes.begin(), volumes.end(), [&claim](const json& volume) {
    return text(volume, {"persistentVolumeClaim", "claimName"}) == claim;
  });
}

Result<std::vector<json>> list_objects(kube::Client& client, const std::string& path,
                                       const std::string& what) {
  std::vector<json> all;
  MARVEL_TRY([[maybe_unused]] const auto end, kube::list_all(
                                                  client, path, {},
                                                  [&all](const json& object) {
                                                    all.push_back(object);
                                                    return Status();
                                                  },
                                                  [&all] { all.clear(); }, what));
  return all;
}

Result<std::vector<json>> pods_in(kube::Client& client, const std::string& space) {
  return list_objects(client, core_kind("Pod", "pods").path(space), "listing pods");
}

Error in_use(const Dataset& dataset) {
  return {Errc::kConflict,
          "dataset " + dataset.name + " is mounted by " + join(dataset.used_by, ", "),
          "stop them first, or give --force",
          {},
          "in_use"};
}

}  // namespace

Result<json> dataset_fields(const DatasetSpec& spec) {
  const std::string& source = spec.source;
  if (!spec.bucket.empty() && !source.starts_with("h3+")) {
    return fail(Errc::kUsage, shown(spec) + " takes no --bucket", "that belongs to h3+URI");
  }
  if (source.starts_with("s3://")) {
    return s3_fields(spec);
  }
  MARVEL_TRY_STATUS(only_of_s3(spec));
  if (source.starts_with("h3+")) {
    return h3_fields(spec);
  }
  if (source.starts_with("nfs://")) {
    return nfs_fields(spec);
  }
  if (source.starts_with("http://") || source.starts_with("https://")) {
    return archive_fields(spec);
  }
  return fail(Errc::kUsage, "'" + shown(spec) + "' is no source of data",
              "write s3://BUCKET, h3+URI, nfs://SERVER/FOLDER, or the URL of a tar archive");
}

Result<AccessKeys> read_access_keys(std::string_view text, const std::string& file) {
  AccessKeys keys;
  for (const auto& line : split(text, '\n')) {
    const auto mark = line.find_first_of("=:");
    if (mark == std::string::npos) {
      continue;
    }
    const std::string_view key = trim(std::string_view(line).substr(0, mark));
    const std::string_view value = trim(std::string_view(line).substr(mark + 1));
    if (keys.id.empty() && (key == "aws_access_key_id" || key == "accessKeyID")) {
      keys.id = value;
    }
    if (keys.secret.empty() && (key == "aws_secret_access_key" || key == "secretAccessKey")) {
      keys.secret = value;
    }
  }
  if (keys.id.empty() || keys.secret.empty()) {
    return fail(Errc::kInput,
                file + ": no " + (keys.id.empty() ? "aws_access_key_id" : "aws_secret_access_key"),
                "each stands on a line of its own, as in 'aws_access_key_id = ...'");
  }
  return keys;
}

std::string keys_secret(const std::string& dataset) {
  return dataset + "-credentials";
}

Result<kube::Resource> dataset_kind(kube::Discovery& discovery) {
  for (const char* name : {"Dataset.datashim.io", "Dataset.com.ie.ibm.hpsys"}) {
    auto found = discovery.find_group_kind(name);
    if (found || found.error().code != Errc::kNotFound) {
      return found;
    }
  }
  return fail({Errc::kNotFound,
               "this cluster knows no datasets",
               "install Datashim there (datashim.io)",
               {},
               "not_found"});
}

Result<std::vector<ObjectResult>> add_dataset(kube::Client& client, const kube::Resource& kind,
                                              const std::string& space, DatasetSpec spec,
                                              const AccessKeys* keys, const ApplyOptions& options) {
  std::vector<ObjectResult> results;
  spec.secret = keys != nullptr ? keys_secret(spec.name) : spec.secret;
  MARVEL_TRY(const json fields, dataset_fields(spec));
  if (keys != nullptr) {
    const ObjectRef ref = secret_ref(space, spec.secret);
    json secret = object_of(ref);
    secret["metadata"]["labels"] = {{kDatasetLabel, spec.name}};
    secret["stringData"] = {{"accessKeyID", keys->id}, {"secretAccessKey", keys->secret}};
    MARVEL_TRY(results.emplace_back(), apply_object(client, ref, secret, options));
  }
  const ObjectRef ref{kind, space, spec.name};
  json dataset = object_of(ref);
  dataset["spec"]["local"] = fields;
  MARVEL_TRY(results.emplace_back(), apply_object(client, ref, dataset, options));
  return results;
}

Dataset describe_dataset(const json& object, const std::vector<json>& claims, const Pods& pods) {
  Dataset dataset;
  dataset.space = text(object, {"metadata", "namespace"});
  dataset.name = text(object, {"metadata", "name"});
  dataset.source = source_of(field(object, {"spec", "local"}));
  for (const char* part : {"caching", "provision"}) {
    const std::string status = text(object, {"status", part, "status"});
    if (status == "Fail" || status == "Failed" || status == "Error") {
      dataset.problem = text(object, {"status", part, "info"});
    }
  }
  const auto beside = [&dataset](const json& other) {
    return text(other, {"metadata", "namespace"}) == dataset.space;
  };
  for (const json& claim : claims) {
    if (beside(claim) && text(claim, {"metadata", "name"}) == dataset.name) {
      dataset.claim = text(claim, {"status", "phase"});
    }
  }
  for (const json& pod : pods) {
    const std::string phase = text(pod, {"status", "phase"});
    if (beside(pod) && phase != "Succeeded" && phase != "Failed" && mounts(pod, dataset.name)) {
      dataset.used_by.push_back(text(pod, {"metadata", "name"}));
    }
  }
  return dataset;
}

Result<std::vector<Dataset>> list_datasets(kube::Client& client, const kube::Resource& kind,
                                           const std::string& space) {
  MARVEL_TRY(const auto objects, list_objects(client, kind.path(space), "listing datasets"));
  const kube::Resource claim_kind = core_kind("PersistentVolumeClaim", "persistentvolumeclaims");
  MARVEL_TRY(const auto claims, list_objects(client, claim_kind.path(space), "listing claims"));
  MARVEL_TRY(const auto pods, pods_in(client, space));
  std::vector<Dataset> all;
  for (const json& object : objects) {
    all.push_back(describe_dataset(object, claims, pods));
  }
  std::sort(all.begin(), all.end(), [](const Dataset& a, const Dataset& b) {
    return std::tie(a.space, a.name) < std::tie(b.space, b.name);
  });
  return all;
}

Result<std::vector<ObjectResult>> delete_dataset(kube::Client& client, const kube::Resource& kind,
                                                 const std::string& space, const std::string& name,
                                                 bool force, DryRun dry_run) {
  const ObjectRef ref{kind, space, name};
  MARVEL_TRY(auto object, read_object(client, ref));
  if (!object) {
    return fail({Errc::kNotFound,
                 "there is no dataset " + name + " in namespace " + space,
                 "'marvel deploy dataset list' shows them",
                 {},
                 "not_found"});
  }
  MARVEL_TRY(const auto pods, pods_in(client, space));
  const Dataset dataset = describe_dataset(*object, {}, pods);
  if (!dataset.used_by.empty() && !force) {
    return fail(in_use(dataset));
  }
  std::vector<Member> members{{ref, std::make_shared<const json>(std::move(*object))}};
  const ObjectRef secret = secret_ref(space, keys_secret(name));
  MARVEL_TRY(auto keys, read_object(client, secret));
  if (keys && text(*keys, {"metadata", "labels", kDatasetLabel}) == name) {
    members.push_back({secret, std::make_shared<const json>(std::move(*keys))});
  }
  std::vector<ObjectResult> results;
  for (const auto& member : members) {
    ObjectResult result{member.ref, "", Action::kPruned, {}, {}, {}};
    if (dry_run != DryRun::kClient) {
      result.error = delete_object(client, member, dry_run == DryRun::kServer);
      result.action = result.error ? Action::kFailed : Action::kPruned;
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace marvel::rollout
