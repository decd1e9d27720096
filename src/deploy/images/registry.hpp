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

// How to reach one registry, and as whom.
struct RegistryOptions {
  // "host" or "host:port", as references name it. "docker.io" is known to live elsewhere: it is
  // asked at registry-1.docker.io.
  std::string host;
  // http:// in place of https://, for a registry of one's own network.
  bool plain_http = false;
  net::HttpOptions http;  // certificates, proxies, time-outs
  // Sent only when the registry asks for it. Absent: nobody in particular, whom many let read.
  std::optional<Credential> credential;
};

// A manifest or index as the registry gave it, checked against its digest. The digest is that of
// `bytes`, so what is put elsewhere must be these bytes and not what a writer makes of `manifest`.
struct FetchedManifest {
  std::string digest;
  std::string bytes;
  Manifest manifest;
};

// An upload that is under way: where its next bytes go, and how many are there. The location is an
// absolute URL that the registry made up. It can carry a key to the upload, so it is no text for
// messages.
struct Upload {
  std::string location;
  std::uint64_t offset = 0;
};

// A registry of the OCI distribution API (Docker Registry API v2). Proves who we are as the
// registry asks for it: not at all, by Basic, or by a Bearer token from the server that the
// registry names. Credentials go to the registry and that server only, and only over TLS unless the
// registry itself is spoken to in plain HTTP. What it asked for is kept for each scope, and fetched
// anew when the registry refuses it.
//
// Reads follow redirects, five at most, since registries may keep what they serve elsewhere
// (registry.k8s.io has nothing of its own); other servers do not get our credentials, and from
// https to plain HTTP is kDenied.
//
//   Registry registry(options, stop);
//   MARVEL_TRY(const auto tags, registry.tags("grn/sed"));
//   MARVEL_TRY(const auto digest, registry.find_manifest("grn/sed", "1.2"));
//
// Repositories are named without the host; a version is a tag or a digest. An image is sent from
// its parts to the whole: each blob by has_blob, mount_blob or begin_upload, append... and finish,
// then the manifests by put_manifest, the one with the tag last (push.hpp does it).
//
// Reads, and begin_upload and put_manifest, are tried again when the registry is away or
// overloaded, twice within about a second; the rest is the caller's (upload.hpp). Errors: kNotFound
// no such repository, image or blob; kDenied 401 and 403; kConflict 409; kUnavailable the registry
// is away, 429 or 5xx, or gives other bytes than their digest says, or names that are no
// repository, tag or digest by reference.hpp; kInput the registry refuses what we sent; and those
// of net::HttpClient. `stop` ends a request and must outlive the registry.
// One thread at a time; give each thread its own.
class Registry {
 public:
  Registry(RegistryOptions options, const StopFlag& stop);

  [[nodiscard]] const std::string& host() const { return options_.host; }

  // Sorted, all pages of the list. Some registries (Docker Hub) tell nobody: kDenied or kNotFound.
  Result<std::vector<std::string>> repositories();
  // Sorted, all pages; empty when all are deleted.
  Result<std::vector<std::string>> tags(const std::string& repository);

  // The digest that `version` (tag or digest) stands for, or nothing when there is none. Fetches
  // the manifest itself only where the registry does not name the digest beside it.
  Result<std::optional<std::string>> find_manifest(const std::string& repository,
                                                   const std::string& version);
  // The document in full, of either family (OCI, Docker). For a digest its bytes are checked
  // against that, for a tag against what the registry says the digest is.
  Result<FetchedManifest> fetch_manifest(const std::string& repository, const std::string& version);
  // A config or other small blob, at most 4 MiB (kInput), checked against its descriptor.
  Result<std::string> fetch_blob(const std::string& repository, const Descriptor& descriptor);

  // Whether the blob is there, by a request that carries none of its bytes.
  Result<bool> has_blob(const std::string& repository, const std::string& digest);
  // Makes the blob of repository `from` one of `repository`, without any bytes on the way. False
  // when the registry will not (404, 405, or it begins an upload instead); then send the blob.
  Result<bool> mount_blob(const std::string& repository, const std::string& digest,
                          const std::string& from);
  // At offset 0. The registry forgets an upload that nobody goes on with, after a time of its own.
  Result<Upload> begin_upload(const std::string& repository);
  // How far an upload has come; kNotFound when the registry has forgotten it, and when `location`
  // is not at this registry.
  Result<Upload> upload_state(const std::string& repository, const std::string& location);
  // Sends the bytes that follow `upload.offset`, at least one. The answer says how far the registry
  // is, which may be less than was sent. After a failure upload_state tells.
  Result<Upload> append(const std::string& repository, const Upload& upload, std::string bytes);
  // Ends the upload with its last bytes, which may be none. The registry checks the digest of the
  // whole. When the answer is lost the blob may be there all the same: has_blob tells.
  Status finish(const std::string& repository, const Upload& upload, std::string bytes,
                const std::string& digest);

  // Under a tag or its own digest; the registry wants all that it points at to be there. Checks
  // that the registry got the bytes with that digest (kUnavailable).
  Status put_manifest(const std::string& repository, const std::string& version,
                      const std::string& media_type, const std::string& bytes,
                      const std::string& digest);
  // With every tag of the digest; see plan_removal. kDenied where the registry does not delete at
  // all.
  Status delete_manifest(const std::string& repository, const std::string& digest);

 private:
  // One exchange with all that proves who we are. `scope` is what a token must allow.
  Result<net::Response> send(net::Request request, const std::string& scope);
  // The same, again and again while the registry is away; for requests that may be done twice.
  Result<net::Response> ask(const net::Request& request, const std::string& scope);
  // The same for a GET or HEAD, at the end of all redirects: `request` has the last URL then.
  Result<net::Response> fetch(net::Request& request, const std::string& scope);
  // Reads how `refusal` (401) wants us to log in, and does; the outcome is in authorization_.
  Status authorize(const net::Response& refusal, const std::string& scope);
  Status fetch_token(const std::string& realm, const std::string& service,
                     const std::string& scope);
  [[nodiscard]] std::string address(const std::string& path) const;
  // Of the Location of an answer. kUnavailable when it leads to another server.
  [[nodiscard]] Result<Upload> next_place(const net::Response& answer,
                                          const std::string& request_url,
                                          std::uint64_t offset) const;

  RegistryOptions options_;
  const StopFlag& stop_;
  net::HttpClient http_;
  std::string origin_;
  std::map<std::string, std::string> authorization_;  // field value by scope
};

// What a registry's answer says went wrong: the first of its "errors", or the status alone. Never
// fails, whatever the body is; of its text the first 300 bytes are told. A refusal without such a
// text, but for 401, 403, 404 and 409, is kUnavailable: it may be no registry at all. `what` names
// the request ("GET https://host/path").
Error registry_error(const net::Response& answer, const std::string& what);

}  // namespace marvel::deploy::images
