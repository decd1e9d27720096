#include "deploy/images/registry.hpp"

#include "base/text.hpp"
#include "deploy/images/json_fields.hpp"
#include "deploy/images/link.hpp"
#include "deploy/images/reference.hpp"
#include "net/sha256.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::deploy::images {
namespace {

constexpr int kMostPages = 10'000;

std::string pull_scope(const std::string& repository) {
  return "repository:" + repository + ":pull";
}

std::string push_scope(const std::string& repository) {
  return "repository:" + repository + ":pull,push";
}

// Without these a registry that has an OCI image says that it has none.
net::Headers accepted() {
  net::Headers headers;
  for (const char* const type : {kOciIndex, kOciManifest, kDockerIndex, kDockerManifest}) {
    headers.add("Accept", type);
  }
  return headers;
}

tl::unexpected<Error> refused(const net::Response& answer, const net::Request& request) {
  return fail(registry_error(answer, net::describe(request)));
}

Status check_digest(const std::string& bytes, const std::string& digest, const std::string& what) {
  MARVEL_TRY(const std::string hex, net::sha256_hex(bytes));
  if ("sha256:" + hex != digest) {
    return fail(Errc::kUnavailable, what + " has not the digest " + digest,
                "the registry or something between is broken; do not use this image");
  }
  return {};
}

// Names of registries go into URLs and onto terminals, so what is none is refused, and not
// repeated.
Status check_names(const std::vector<std::string>& names, bool (*is_name)(std::string_view),
                   const std::string& where, const std::string& what) {
  if (!std::all_of(names.begin(), names.end(), is_name)) {
    return fail(Errc::kUnavailable, where + " lists something that is no " + what,
                "its operator can remove it; 'inspect' shows an image whose name is known");
  }
  return {};
}

// The digest that the answer names, if it does.
Result<std::optional<std::string>> told_digest(const net::Response& answer,
                                               const std::string& host) {
  auto digest = answer.headers.get("Docker-Content-Digest");
  if (digest && !is_digest(*digest)) {
    return fail(Errc::kUnavailable, host + " names a digest that is none",
                "the registry or something between is broken; do not use this image");
  }
  return digest;
}

}  // namespace

Result<std::vector<std::string>> Registry::repositories() {
  std::vector<std::string> names;
  std::string url = address("_catalog?n=1000");
  for (int page = 0; !url.empty(); ++page) {
    net::Request request{.url = url};
    MARVEL_TRY(const auto answer, fetch(request, "registry:catalog:*"));
    if (answer.status != 200) {
      return refused(answer, request);
    }
    MARVEL_TRY(const Json document, parse_json(answer.body, net::describe(request)));
    const auto some = texts_of(document, "repositories");
    MARVEL_TRY_STATUS(check_names(some, is_repository, host(), "repository"));
    names.insert(names.end(), some.begin(), some.end());
    MARVEL_TRY(url, next_page(answer.headers, request.url));
    if (page > kMostPages) {
      return fail(Errc::kUnavailable, "the list of repositories of " + host() + " has no end");
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<std::vector<std::string>> Registry::tags(const std::string& repository) {
  std::vector<std::string> names;
  std::string url = address(repository + "/tags/list?n=1000");
  for (int page = 0; !url.empty(); ++page) {
    net::Request request{.url = url};
    MARVEL_TRY(const auto answer, fetch(request, pull_scope(repository)));
    if (answer.status != 200) {
      return refused(answer, request);
    }
    MARVEL_TRY(const Json document, parse_json(answer.body, net::describe(request)));
    const auto some = texts_of(document, "tags");
    MARVEL_TRY_STATUS(check_names(some, is_tag, host() + "/" + repository, "tag"));
    names.insert(names.end(), some.begin(), some.end());
    MARVEL_TRY(url, next_page(answer.headers, request.url));
    if (page > kMostPages) {
      return fail(Errc::kUnavailable, "the list of tags of " + repository + " has no end");
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<std::optional<std::string>> Registry::find_manifest(const std::string& repository,
                                                           const std::string& version) {
  net::Request request{.method = "HEAD",
                       .url = address(repository + "/manifests/" + version),
                       .headers = accepted()};
  MARVEL_TRY(const auto answer, fetch(request, pull_scope(repository)));
  if (answer.status == 404) {
    return std::optional<std::string>();
  }
  if (answer.status != 200) {
    return refused(answer, request);
  }
  MARVEL_TRY(auto digest, told_digest(answer, host()));
  if (digest) {
    return digest;
  }
  MARVEL_TRY(const auto fetched, fetch_manifest(repository, version));
  return std::optional(fetched.digest);
}

Result<FetchedManifest> Registry::fetch_manifest(const std::string& repository,
                                                 const std::string& version) {
  net::Request request{.url = address(repository + "/manifests/" + version), .headers = accepted()};
  MARVEL_TRY(const auto answer, fetch(request, pull_scope(repository)));
  if (answer.status != 200) {
    return refused(answer, request);
  }
  const std::string what = "the manifest " + repository + ":" + version;
  MARVEL_TRY(const std::string hex, net::sha256_hex(answer.body));
  const std::string digest = "sha256:" + hex;
  MARVEL_TRY(const auto told, told_digest(answer, host()));
  MARVEL_TRY_STATUS(check_digest(
      answer.body, version.starts_with("sha256:") ? version : told.value_or(digest), what));
  const auto type = split(answer.headers.get("Content-Type").value_or(""), ';').front();
  MARVEL_TRY(auto manifest, read_manifest(answer.body, type, what));
  return FetchedManifest{digest, answer.body, std::move(manifest)};
}

Result<std::string> Registry::fetch_blob(const std::string& repository,
                                         const Descriptor& descriptor) {
  if (descriptor.size > kMostDocument) {
    return fail(Errc::kInput, "the blob " + descriptor.digest + " is larger than 4 MiB");
  }
  net::Request request{.url = address(repository + "/blobs/" + descriptor.digest)};
  MARVEL_TRY(const auto answer, fetch(request, pull_scope(repository)));
  if (answer.status != 200) {
    return refused(answer, request);
  }
  MARVEL_TRY_STATUS(check_digest(answer.body, descriptor.digest,
                                 "the blob " + descriptor.digest + " of " + repository));
  return answer.body;
}

Result<bool> Registry::has_blob(const std::string& repository, const std::string& digest) {
  const net::Request request{.method = "HEAD", .url = address(repository + "/blobs/" + digest)};
  MARVEL_TRY(const auto answer, ask(request, push_scope(repository)));
  if (answer.status / 100 != 2 && answer.status / 100 != 3 && answer.status != 404) {
    return refused(answer, request);
  }
  return answer.status != 404;
}

Result<bool> Registry::mount_blob(const std::string& repository, const std::string& digest,
                                  const std::string& from) {
  const net::Request request{
      .method = "POST",
      .url = address(repository + "/blobs/uploads/?mount=" + net::percent_encode(digest) +
                     "&from=" + net::percent_encode(from))};
  MARVEL_TRY(const auto answer, send(request, push_scope(repository) + " " + pull_scope(from)));
  if (answer.status / 100 == 2) {
    return answer.status == 201;
  }
  return answer.status == 404 || answer.status == 405 ? Result<bool>(false)
                                                      : refused(answer, request);
}

Result<Upload> Registry::begin_upload(const std::string& repository) {
  const net::Request request{.method = "POST", .url = address(repository + "/blobs/uploads/")};
  MARVEL_TRY(const auto answer, ask(request, push_scope(repository)));
  return answer.status == 202 ? next_place(answer, request.url, 0) : refused(answer, request);
}

Result<Upload> Registry::upload_state(const std::string& repository, const std::string& location) {
  const auto place = net::parse_url(location);
  MARVEL_TRY(const auto own, net::parse_url(origin_));
  if (!place || place->origin() != own.origin()) {
    return fail(Errc::kNotFound, "the upload is not at " + host());
  }
  const net::Request request{.url = location};
  MARVEL_TRY(const auto answer, send(request, push_scope(repository)));
  if (answer.status != 204) {
    return refused(answer, request);
  }
  const auto offset = upload_offset(answer.headers);
  return offset ? next_place(answer, location, *offset)
                : Result<Upload>(fail(Errc::kNotFound, host() + " does not say how far it is"));
}

Result<Upload> Registry::append(const std::string& repository, const Upload& upload,
                                std::string bytes) {
  const std::uint64_t end = upload.offset + bytes.size();
  net::Request request{
      .method = "PATCH",
      .url = upload.location,
      .headers = {{"Content-Type", "application/octet-stream"},
                  {"Content-Range", std::to_string(upload.offset) + "-" + std::to_string(end - 1)}},
      .body = std::move(bytes)};
  const std::string what = net::describe(request);
  MARVEL_TRY(const auto answer, send(std::move(request), push_scope(repository)));
  if (answer.status / 100 != 2) {
    return fail(registry_error(answer, what));
  }
  return next_place(answer, upload.location, upload_offset(answer.headers).value_or(end));
}

Status Registry::finish(const std::string& repository, const Upload& upload, std::string bytes,
                        const std::string& digest) {
  const char joint = upload.location.find('?') == std::string::npos ? '?' : '&';
  net::Request request{.method = "PUT",
                       .url = upload.location + joint + "digest=" + net::percent_encode(digest),
                       .headers = {{"Content-Type", "application/octet-stream"}}};
  if (!bytes.empty() && upload.offset > 0) {
    request.headers.add("Content-Range", std::to_string(upload.offset) + "-" +
                                             std::to_string(upload.offset + bytes.size() - 1));
  }
  request.body = std::move(bytes);
  const std::string what = net::describe(request);
  MARVEL_TRY(const auto answer, send(std::move(request), push_scope(repository)));
  return answer.status == 201 || answer.status == 204 ? Status()
                                                      : fail(registry_error(answer, what));
}

Status Registry::put_manifest(const std::string& repository, const std::string& version,
                              const std::string& media_type, const std::string& bytes,
                              const std::string& digest) {
  const net::Request request{.method = "PUT",
                             .url = address(repository + "/manifests/" + version),
                             .headers = {{"Content-Type", media_type}},
                             .body = bytes};
  MARVEL_TRY(const auto answer, ask(request, push_scope(repository)));
  if (answer.status != 201) {
    return refused(answer, request);
  }
  MARVEL_TRY(const auto told, told_digest(answer, host()));
  if (told && *told != digest) {
    return fail(Errc::kUnavailable, host() + " stored " + *told + " in place of " + digest,
                "something between changes what is sent");
  }
  return {};
}

Status Registry::delete_manifest(const std::string& repository, const std::string& digest) {
  const net::Request request{.method = "DELETE",
                             .url = address(repository + "/manifests/" + digest)};
  MARVEL_TRY(const auto answer, send(request, "repository:" + repository + ":pull,delete"));
  if (answer.status == 405) {
    return fail(Errc::kDenied, host() + " does not allow to delete images",
                "its operator can set storage.delete.enabled");
  }
  return answer.status == 202 || answer.status == 200 ? Status() : refused(answer, request);
}

}  // namespace marvel::deploy::images
