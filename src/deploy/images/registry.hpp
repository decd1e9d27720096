#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
#include "deploy/images/credentials.hpp"
#include "deploy/images/manifest.hpp"
#include "net/http.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace marvel::deploy::images {

struct RegistryOptions {
  std::string host;  // "host" or "host:port"; "docker.io" is known to live elsewhere
  bool plain_http = false;
  net::HttpOptions http;  // certificates, proxies, time-outs
  std::optional<Credential> credential;
};

// A manifest or index as the registry gave it, checked against its digest.
struct FetchedManifest {
  std::string digest;
  std::string bytes;
  Manifest manifest;
};

// An upload that is under way: where its next bytes go, and how many are there.
struct Upload {
  std::string location;
  std::uint64_t offset = 0;
};

// A registry of the OCI distribution API (Docker Registry API v2). Proves who we are as the
// registry asks for it: not at all, by Basic, or by a Bearer token from the server that the
// registry names. Credentials go to the registry and that server only, and only over TLS unless
// the registry itself is spoken to in plain HTTP.
//
// Reads are tried again when the registry is away or overloaded, twice within about a second.
// Errors: kNotFound no such repository, image or blob; kDenied 401 and 403; kUnavailable the
// registry is away or 5xx; kInput the registry refuses what we sent.
// One thread at a time; give each thread its own.
class Registry {
 public:
  Registry(RegistryOptions options, const StopFlag& stop);

  [[nodiscard]] const std::string& host() const { return options_.host; }

  // Sorted. Some registries (Docker Hub) tell nobody: kDenied or kNotFound.
  Result<std::vector<std::string>> repositories();
  // Sorted; empty when all are deleted.
  Result<std::vector<std::string>> tags(const std::string& repository);

  // The digest that `version` (tag or digest) stands for, or nothing when there is none.
  Result<std::optional<std::string>> find_manifest(const std::string& repository,
                                                   const std::string& version);
  Result<FetchedManifest> fetch_manifest(const std::string& repository, const std::string& version);
  // A config or other small blob, checked against its descriptor.
  Result<std::string> fetch_blob(const std::string& repository, const Descriptor& descriptor);

  Result<bool> has_blob(const std::string& repository, const std::string& digest);
  // Makes the blob of repository `from` one of `repository`. False when the registry will not.
  Result<bool> mount_blob(const std::string& repository, const std::string& digest,
                          const std::string& from);
  Result<Upload> begin_upload(const std::string& repository);
  // How far an upload has come; kNotFound when the registry has forgotten it.
  Result<Upload> upload_state(const std::string& repository, const std::string& location);
  // Sends the bytes that follow `upload.offset`.
  Result<Upload> append(const std::string& repository, const Upload& upload, std::string bytes);
  // Ends the upload with its last bytes, which may be none. The registry checks the digest.
  Status finish(const std::string& repository, const Upload& upload, std::string bytes,
                const std::string& digest);

  // Checks that the registry got the bytes with that digest.
  Status put_manifest(const std::string& repository, const std::string& version,
                      const std::string& media_type, const std::string& bytes,
                      const std::string& digest);
  // With every tag of the digest.
  Status delete_manifest(const std::string& repository, const std::string& digest);

 private:
  // One exchange with all that proves who we are. `scope` is what a token must allow.
  Result<net::Response> send(net::Request request, const std::string& scope);
  // The same, again and again while the registry is away; for requests that change nothing.
  Result<net::Response> ask(const net::Request& request, const std::string& scope);
  Status authorize(const net::Response& refusal, const std::string& scope);
  Status fetch_token(const std::string& realm, const std::string& service,
                     const std::string& scope);
  [[nodiscard]] std::string address(const std::string& path) const;
  [[nodiscard]] Result<Upload> next_place(const net::Response& answer,
                                          const std::string& request_url,
                                          std::uint64_t offset) const;

  RegistryOptions options_;
  const StopFlag& stop_;
  net::HttpClient http_;
  std::string origin_;
  std::map<std::string, std::string> authorization_;  // field value by scope
};

// What a registry's answer says went wrong: its "errors", or the status alone. Never fails,
// whatever the body is.
Error registry_error(const net::Response& answer, const std::string& what);

}  // namespace marvel::deploy::images
