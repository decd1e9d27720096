#include "deploy/rollout/datasets.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

DatasetSpec bucket() {
  DatasetSpec spec;
  spec.name = "audio";
  spec.source = "s3://grn-audio";
  spec.endpoint = "http://minio.grn:9000";
  return spec;
}

DatasetSpec from(const std::string& source) {
  DatasetSpec spec;
  spec.source = source;
  return spec;
}

std::string refusal(const DatasetSpec& spec) {
  const auto fields = dataset_fields(spec);
  REQUIRE_FALSE(fields);
  CHECK(fields.error().message.find("hunter2") == std::string::npos);
  return fields.error().message;
}

json named(const std::string& name) {
  return {{"metadata", {{"name", name}, {"namespace", "grn"}}}};
}

json pod_with(const std::string& name, const std::string& claim, const std::string& phase) {
  json pod = named(name);
  pod["spec"]["volumes"] = {{{"emptyDir", json::object()}},
                            {{"persistentVolumeClaim", {{"claimName", claim}}}}};
  pod["status"]["phase"] = phase;
  return pod;
}

}  // namespace

TEST_CASE("each kind of source has the fields that Datashim reads") {
  DatasetSpec spec = bucket();
  CHECK(*dataset_fields(spec) ==
        json{{"type", "COS"}, {"bucket", "grn-audio"}, {"endpoint", "http://minio.grn:9000"}});
  spec.region = "eu";
  spec.secret = "keys";
  spec.read_only = true;
  spec.create_bucket = true;
  CHECK(*dataset_fields(spec) == json{{"type", "COS"},
                                      {"bucket", "grn-audio"},
                                      {"endpoint", "http://minio.grn:9000"},
                                      {"region", "eu"},
                                      {"secret-name", "keys"},
                                      {"readonly", "true"},
                                      {"provision", "true"}});
  DatasetSpec h3 = from("h3+redis://redis.grn:6379");
  h3.bucket = "frames";
  CHECK(*dataset_fields(h3) ==
        json{{"type", "H3"}, {"storageUri", "redis://redis.grn:6379"}, {"bucket", "frames"}});
  CHECK(*dataset_fields(from("nfs://nas.grn/video/in")) ==
        json{{"type", "NFS"}, {"server", "nas.grn"}, {"share", "/video/in"}});
  CHECK(*dataset_fields(from("https://data.example/labels.tar")) ==
        json{{"type", "ARCHIVE"},
             {"url", "https://data.example/labels.tar"},
             {"format", "application/x-tar"}});
}

TEST_CASE("sources that are none are refused, and what belongs to another kind") {
  for (const char* source :
       {"", "audio", "s3://", "s3://bucket/folder", "h3+", "h3+file", "nfs://", "nfs://server",
        "ftp://host/a.tar", "http://", "https://anna:hunter2@data.example/labels.tar",
        "h3+redis://:hunter2@redis"}) {
    INFO(source);
    DatasetSpec spec = from(source);
    spec.bucket = std::string_view(source).starts_with("h3+") ? "frames" : "";
    refusal(spec);
  }
  DatasetSpec no_server = bucket();
  no_server.endpoint.clear();
  CHECK(contains(refusal(no_server), "no server"));
  DatasetSpec with_bucket = bucket();
  with_bucket.bucket = "other";
  CHECK(contains(refusal(with_bucket), "--bucket"));
  CHECK(contains(refusal(from("h3+redis://redis")), "no bucket"));
  DatasetSpec archive = from("https://data.example/labels.tar");
  archive.read_only = true;
  CHECK(contains(refusal(archive), "--read-only"));
}

TEST_CASE("access keys are read as AWS's tools and as Datashim write them") {
  const auto aws = read_access_keys(
      "[default]\naws_access_key_id = AKIA1\naws_secret_access_key=a/b+c=\n[two]\n"
      "aws_access_key_id = AKIA2\naws_secret_access_key = other\n",
      "keys");
  REQUIRE(aws);
  CHECK(aws->id == "AKIA1");
  CHECK(aws->secret == "a/b+c=");
  const auto yaml = read_access_keys("accessKeyID: minio\r\nsecretAccessKey: hunter2\r\n", "keys");
  REQUIRE(yaml);
  CHECK(yaml->id == "minio");
  CHECK(yaml->secret == "hunter2");
}

TEST_CASE("a file without both keys is refused without a word of it") {
  for (const char* text : {"", "hunter2", "secretAccessKey: hunter2", "aws_access_key_id = hunter2",
                           "accessKeyID:\nsecretAccessKey: hunter2"}) {
    const auto keys = read_access_keys(text, "keys");
    REQUIRE_FALSE(keys);
    CHECK(keys.error().code == Errc::kInput);
    CHECK(contains(describe(keys.error()), "keys: no "));
    CHECK_FALSE(contains(describe(keys.error()), "hunter2"));
  }
}

TEST_CASE("a dataset is told with its claim, its trouble and who mounts it") {
  json object = named("audio");
  object["spec"]["local"] = *dataset_fields(bucket());
  object["status"]["provision"] = {{"status", "Fail"}, {"info", "no such bucket"}};
  json claim = named("audio");
  claim["status"]["phase"] = "Bound";
  json elsewhere = pod_with("far", "audio", "Running");
  elsewhere["metadata"]["namespace"] = "other";
  const Pods pods{pod_with("sed", "audio", "Running"), pod_with("done", "audio", "Succeeded"),
                  pod_with("else", "video", "Running"), elsewhere, named("bare")};
  const Dataset dataset = describe_dataset(object, {named("video"), claim}, pods);
  CHECK(dataset.space == "grn");
  CHECK(dataset.name == "audio");
  CHECK(dataset.source == "s3://grn-audio");
  CHECK(dataset.claim == "Bound");
  CHECK(dataset.problem == "no such bucket");
  CHECK(dataset.used_by == std::vector<std::string>{"sed"});
}

TEST_CASE("sources read back from objects as they were given") {
  for (const char* source :
       {"s3://grn-audio", "h3+redis://redis.grn:6379", "nfs://nas/video", "https://h/a.tar"}) {
    DatasetSpec spec = from(source);
    const std::string_view text(source);
    spec.endpoint = text.starts_with("s3") ? "http://minio" : "";
    spec.bucket = text.starts_with("h3") ? "frames" : "";
    json object = named("one");
    object["spec"]["local"] = *dataset_fields(spec);
    CHECK(describe_dataset(object, {}, {}).source == source);
  }
}

}  // namespace marvel::rollout
