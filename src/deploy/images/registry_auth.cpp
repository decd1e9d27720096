// How requests prove who we are, and what answers other than success mean.
#include "base/base64.hpp"
#include "deploy/images/challenge.hpp"
#include "deploy/images/json_fields.hpp"
#include "deploy/images/registry.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>

namespace marvel::deploy::images {
namespace {

using namespace std::chrono_literals;

constexpr int kMostTries = 3;
constexpr int kMostRedirects = 5;

std::string first_error(const std::string& body) {
  const auto document = parse_json(body, "");
  if (!document) {
    return {};
  }
  const Json& errors = member(*document, "errors");
  if (!errors.is_array() || errors.empty()) {
    return {};
  }
  const std::string code = text_of(errors[0], "code");
  const std::string message = text_of(errors[0], "message");
  std::string words = code.empty() || message.empty() ? code + message : code + ", " + message;
  words.resize(std::min(words.size(), std::size_t{300}));
  std::replace_if(
      words.begin(), words.end(),
      [](char letter) { return static_cast<unsigned char>(letter) < 32; }, ' ');
  return words;
}

Errc code_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return Errc::kDenied;
    case 404:
      return Errc::kNotFound;
    case 409:
      return Errc::kConflict;
    default:
      return status == 429 || status >= 500 ? Errc::kUnavailable : Errc::kInput;
  }
}

bool is_worth_another_try(const Result<net::Response>& answer) {
  if (!answer) {
    return answer.error().code == Errc::kUnavailable;
  }
  return answer->status == 429 || (answer->status >= 502 && answer->status <= 504);
}

// An answer in place of what is elsewhere.
bool leads_on(const net::Response& answer) {
  return answer.status == 301 || answer.status == 302 || answer.status == 307 ||
         answer.status == 308;
}

// False when the stop was asked for meanwhile.
bool wait(std::chrono::milliseconds time, const StopFlag& stop) {
  for (; time > 0ms && !stop.raised(); time -= 50ms) {
    std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(50ms)));
  }
  return !stop.raised();
}

}  // namespace

Error registry_error(const net::Response& answer, const std::string& what) {
  const std::string words = first_error(answer.body);
  Error error{code_of(answer.status),
              what + " was answered with " + std::to_string(answer.status) +
                  (words.empty() ? "" : " (" + words + ")"),
              "",
              {}};
  if (words.empty() && error.code == Errc::kInput) {
    error.code = Errc::kUnavailable;  // a registry says what it does not like
    error.hint = "is it a registry, and does it speak TLS or, with --insecure, plain HTTP?";
  }
  if (answer.status == 401 || answer.status == 403) {
    error.hint = "log in with 'docker login', or give --username and --password-file";
  }
  return error;
}

Registry::Registry(RegistryOptions options, const StopFlag& stop)
    : options_(std::move(options)),
      stop_(stop),
      http_(options_.http, stop),
      origin_((options_.plain_http ? "http://" : "https://") +
              (options_.host == "docker.io" ? "registry-1.docker.io" : options_.host)) {}

std::string Registry::address(const std::string& path) const {
  return origin_ + "/v2/" + path;
}

Result<net::Response> Registry::send(net::Request request, const std::string& scope) {
  MARVEL_TRY(const auto url, net::parse_url(request.url));
  MARVEL_TRY(const auto own, net::parse_url(origin_));
  const bool is_ours = url.origin() == own.origin();  // only there our credentials may go
  for (int round = 0;; ++round) {
    const auto known = authorization_.find(scope);
    if (is_ours && known != authorization_.end()) {
      request.headers.set("Authorization", known->second);
    }
    MARVEL_TRY(auto answer, http_.send(request));
    if (answer.status != 401 || !is_ours || round > 0) {
      return answer;
    }
    MARVEL_TRY_STATUS(authorize(answer, scope));
  }
}

Result<net::Response> Registry::ask(const net::Request& request, const std::string& scope) {
  for (int round = 1;; ++round) {
    auto answer = send(request, scope);
    if (round == kMostTries || !is_worth_another_try(answer) ||
        !wait(150ms * (1 << round), stop_)) {
      return answer;
    }
  }
}

Result<net::Response> Registry::fetch(net::Request& request, const std::string& scope) {
  MARVEL_TRY(auto answer, ask(request, scope));
  for (int i = 0; i < kMostRedirects && leads_on(answer); ++i) {
    MARVEL_TRY(const auto base, net::parse_url(request.url));
    MARVEL_TRY(const auto next, net::resolve(base, answer.headers.get("Location").value_or("")));
    if (base.scheme == "https" && next.scheme != "https") {
      return fail(Errc::kDenied,
                  net::describe(request) + " leads to " + next.origin() + ", over plain HTTP");
    }
    request.url = next.text();
    MARVEL_TRY(answer, ask(request, scope));
  }
  return answer;
}

Status Registry::authorize(const net::Response& refusal, const std::string& scope) {
  for (const auto& field : refusal.headers.all("WWW-Authenticate")) {
    for (const auto& challenge : parse_challenges(field)) {
      if (challenge.scheme == "bearer" && !challenge.get("realm").empty()) {
        return fetch_token(challenge.get("realm"), challenge.get("service"), scope);
      }
      if (challenge.scheme == "basic") {
        if (!options_.credential) {
          return fail(Errc::kDenied, host() + " asks for a user name and password",
                      "log in with 'docker login', or give --username and --password-file");
        }
        authorization_[scope] = "Basic " + base64_encode(options_.credential->user + ":" +
                                                         options_.credential->password);
        return {};
      }
    }
  }
  return fail(Errc::kDenied, host() + " asks for a kind of login that marvel does not know");
}

// docs.docker.com/registry/spec/auth/token
Status Registry::fetch_token(const std::string& realm, const std::string& service,
                             const std::string& scope) {
  MARVEL_TRY(net::Url url, net::parse_url(realm));
  if (url.scheme != "https" && !options_.plain_http) {
    return fail(Errc::kDenied,
                host() + " wants the login to go over plain HTTP to " + url.origin());
  }
  url.query += url.query.empty() ? "" : "&";
  url.query += "service=" + net::percent_encode(service);
  std::string_view rest = scope;
  while (!rest.empty()) {  // scopes by blanks, each a parameter of its own
    const auto end = std::min(rest.find(' '), rest.size());
    url.query += "&scope=" + net::percent_encode(rest.substr(0, end), ":/,");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  net::Request request{.url = url.text()};
  if (options_.credential) {
    request.headers.add("Authorization", "Basic " + base64_encode(options_.credential->user + ":" +
                                                                  options_.credential->password));
  }
  MARVEL_TRY(const auto answer, http_.send(request));
  if (answer.status != 200) {
    return fail(registry_error(answer, "the login at " + url.origin()));
  }
  MARVEL_TRY(const Json document, parse_json(answer.body, "the answer of " + url.origin()));
  std::string token = text_of(document, "token");
  token = token.empty() ? text_of(document, "access_token") : token;
  if (token.empty()) {
    return fail(Errc::kDenied, url.origin() + " gives no token");
  }
  authorization_[scope] = "Bearer " + token;
  return {};
}

// Where the next bytes go. Another server would get them without our credentials and refuse, so
// that is told here.
Result<Upload> Registry::next_place(const net::Response& answer, const std::string& request_url,
                                    std::uint64_t offset) const {
  const auto location = answer.headers.get("Location");
  if (!location) {
    return fail(Errc::kUnavailable, host() + " does not say where the upload goes");
  }
  MARVEL_TRY(const auto base, net::parse_url(request_url));
  MARVEL_TRY(const auto next, net::resolve(base, *location));
  if (next.origin() != base.origin()) {
    return fail(Errc::kUnavailable, host() + " sends uploads to " + next.origin(),
                "check the host in the registry's configuration");
  }
  return Upload{next.text(), offset};
}

}  // namespace marvel::deploy::images
