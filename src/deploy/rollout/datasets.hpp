#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/kube/discovery.hpp"
#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/pods.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Datasets of a namespace: objects of kind Dataset (datashim.io; com.ie.ibm.hpsys in its releases
// before 0.4) say where data lies. The cluster's Datashim operator makes a volume claim of the same
// name of each, which pods mount. The seed's dashboard has them as S3, H3 and archives.
//
// A dataset is no member of a service: it stays when services that mount it go. dataset_kind comes
// first; what it gives is asked for by all others. Deleting a dataset deletes no data.

// What the user says about one dataset.
struct DatasetSpec {
  std::string name;
  // Where the data lies: "s3://BUCKET", "h3+URI" with `bucket`, "nfs://SERVER/FOLDER", or the
  // http(s) URL of a tar archive.
  std::string source;
  std::string bucket;          // of H3
  std::string endpoint;        // of S3: the URL of its server
  std::string region;          // of S3; may be empty
  std::string secret;          // of S3: a Secret with accessKeyID and secretAccessKey
  bool read_only = false;      // of S3
  bool create_bucket = false;  // of S3: when it is not there
};

// The fields of `spec.local`. kUsage, with what is missing or too much, for a source that is none
// of the four. A user name or password has no business in a source: kUsage in an H3 URI, kInput in
// the URL of an archive or an endpoint, as for whatever else makes no URL. For s3://audio it gives
//   {"type": "COS", "bucket": "audio", "endpoint": "http://minio.grn:9000"}
Result<nlohmann::json> dataset_fields(const DatasetSpec& spec);

// A key pair of S3. Never shown.
struct AccessKeys {
  std::string id;
  std::string secret;
};

// The first pair in a file of "key = value" or "key: value" lines: aws_access_key_id and
// aws_secret_access_key, as AWS's tools keep them, or accessKeyID and secretAccessKey. kInput, with
// no word of the content, where one is missing.
Result<AccessKeys> read_access_keys(std::string_view text, const std::string& file);

// The name of the Secret for keys that are given with a dataset; it goes when the dataset goes.
std::string keys_secret(const std::string& dataset);

// The kind that this cluster's Datashim serves, the new group before the old one. kNotFound, with
// what to do, where there is none.
Result<kube::Resource> dataset_kind(kube::Discovery& discovery);

// Makes the dataset what `spec` says, by server-side apply; `keys`, unless null, go into its Secret
// first, which takes the place of `spec.secret`. The results are the Secret's, if any, and the
// dataset's. A failure is an Error; a Secret that was made before it stays, and the next try finds
// it. kConflict for fields of others, unless the options say force_conflicts. Of `options` only
// that and dry_run count.
Result<std::vector<ObjectResult>> add_dataset(kube::Client& client, const kube::Resource& kind,
                                              const std::string& space, DatasetSpec spec,
                                              const AccessKeys* keys, const ApplyOptions& options);

// A dataset as the cluster has it.
struct Dataset {
  std::string space;
  std::string name;
  std::string source;                // as in DatasetSpec
  std::string claim;                 // the phase of its claim: "Bound"; empty when there is none
  std::string problem;               // what the operator says when it failed
  std::vector<std::string> used_by;  // pods that mount its claim and have not ended
};

// Datasets of a namespace, or of all when `space` is empty, by namespace and name. Three lists: of
// datasets, claims and pods.
Result<std::vector<Dataset>> list_datasets(kube::Client& client, const kube::Resource& kind,
                                           const std::string& space);

// One dataset, as list_datasets tells it, from its object and what is beside it.
Dataset describe_dataset(const nlohmann::json& object, const std::vector<nlohmann::json>& claims,
                         const Pods& pods);

// Deletes a dataset and the Secret that add_dataset made for it, which it knows by its label.
// kNotFound when it is not there; kConflict, with the pods, while it is mounted, unless `force`.
// What cannot be deleted is a kFailed result.
Result<std::vector<ObjectResult>> delete_dataset(kube::Client& client, const kube::Resource& kind,
                                                 const std::string& space, const std::string& name,
                                                 bool force, DryRun dry_run);

}  // namespace marvel::rollout
