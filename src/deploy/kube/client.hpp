#pragma once

#include "base/context.hpp"
#include "base/env.hpp"
#include "base/result.hpp"
#include "deploy/kube/api_error.hpp"
#include "deploy/kube/credentials.hpp"
#include "deploy/kube/kubeconfig.hpp"
#include "deploy/kube/server_clock.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::net {
struct HttpOptions;
class HttpClient;
}  // namespace marvel::net

namespace marvel::kube {

// Talking to the API server of one cluster:
//
//   MARVEL_TRY(const auto connection, Connection::open(access, environment, timeout, stop));
//   Client client(connection);
//   MARVEL_TRY(const auto node, client.get("/api/v1/nodes/edge1", {}, "reading node edge1"));
//
// An Access says where the server is and who we are (kubeconfig.hpp). A Connection holds what all
// threads share: the identity, the server's clock and its warnings. A Client owns one kept HTTP
// connection; each thread has its own.
//
// Failures of exchanges that did not come to an end have the codes of net::HttpClient and a reason
// for JSON errors: kUnavailable "unreachable", kDenied "tls", kTimeout "timeout", and kFailed
// "interrupted", which is the stop flag. What the server itself refuses is told by to_error
// (api_error.hpp); a login that fails has the errors of Credentials.

// Parameters in the order in which they are sent; a name may stand there more than once.
using Query = std::vector<std::pair<std::string, std::string>>;

// One request to the API server.
struct Call {
  std::string method = "GET";
  // NOLINTBEGIN(readability-redundant-member-init): so that a call may name a few of them
  std::string path = {};  // "/api/v1/nodes/edge1", encoded
  Query query = {};       // not encoded
  std::string body = {};
  // NOLINTEND(readability-redundant-member-init)
  // Of `body`; sent only with a body that is not empty.
  std::string content_type = "application/json";
  // What the answer may be. Logs, which are plain text, are asked for by "*/*".
  std::string accept = "application/json";
};

// An answer of the server, whatever its status. Bodies of more than 256 MiB are no answer but a
// failure.
struct Reply {
  int status = 0;
  std::string content_type;
  std::string body;
  // An earlier try got a 5xx, after which the server may have done all the same what was asked.
  bool repeated = false;

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

// Content types of PATCH bodies. A strategic merge knows by which key the lists of built-in kinds
// are merged; servers refuse it for custom kinds. A merge patch (RFC 7396) replaces lists as a
// whole. Server-side apply sends all fields that one manager wants and needs the query
// `fieldManager`; its type says YAML, of which our JSON bodies are a part.
inline constexpr const char* kStrategicMerge = "application/strategic-merge-patch+json";
inline constexpr const char* kMergePatch = "application/merge-patch+json";
inline constexpr const char* kServerSideApply = "application/apply-patch+yaml";

// What all clients of one cluster share. Clients hold it by shared_ptr, so it lives as long as the
// last of them; the StopFlag must live longer. Any thread.
class Connection {
 public:
  // Sends nothing: the first request shows whether the server is there. `timeout` limits each
  // request as a whole; connecting has 10 s of it at most. The access's own proxy goes before those
  // of `environment`. An https server whose certificate is not checked is told as the first
  // warning. kInput when the server's URL cannot be used.
  static Result<std::shared_ptr<Connection>> open(Access access, const Environment& environment,
                                                  std::chrono::milliseconds timeout,
                                                  const StopFlag& stop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] const Access& access() const { return access_; }
  [[nodiscard]] const StopFlag& stop() const { return stop_; }
  // Trusted certificates, proxies and limits, without a certificate of ours: that belongs to the
  // identity, which may change.
  [[nodiscard]] const net::HttpOptions& options() const { return *options_; }
  // Who we are, asked for by each request.
  Credentials& credentials() { return credentials_; }
  // Set by every answer that a Client gets.
  [[nodiscard]] const ServerClock& clock() const { return clock_; }
  ServerClock& clock() { return clock_; }

  // Warnings since the last call, for the user. The same text comes once in the life of the
  // connection, and at most 100 texts of the server come at all: it sends them again with every
  // request.
  std::vector<std::string> take_warnings();
  // Takes one Warning header as it came.
  void add_warning(const std::string& header);

 private:
  Connection(Access access, std::unique_ptr<net::HttpOptions> options, const StopFlag& stop);

  Access access_;
  std::unique_ptr<net::HttpOptions> options_;
  const StopFlag& stop_;
  Credentials credentials_;
  ServerClock clock_;
  std::mutex mutex_;  // guards what follows
  std::set<std::string> seen_warnings_;
  std::vector<std::string> new_warnings_;
};

// Requests over one kept connection, which is made by the first request: a Client costs nothing
// until then. One thread at a time; make more of the same Connection.
class Client {
 public:
  explicit Client(std::shared_ptr<Connection> connection);
  // Stops with `stop`, which must outlive it, in place of the connection's flag.
  Client(std::shared_ptr<Connection> connection, const StopFlag& stop);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // An answer of any status. A 429 or 5xx that names a Retry-After is asked again after that time,
  // ten tries in all; a 401 once, when a login program can be asked again. A stop that comes while
  // it waits gives the answer that is there. What got no answer at all is not sent again here: the
  // server may have done it.
  Result<Reply> exchange(const Call& call);
  // The object in a 2xx answer. Any other answer is the server's error, behind `what` ("patching
  // node edge1"); a 2xx answer that is no JSON is kUnavailable.
  Result<nlohmann::json> object(const Call& call, const std::string& what);
  // The same for a GET of `path`.
  Result<nlohmann::json> get(const std::string& path, const Query& query, const std::string& what);
  // Takes a piece of a body, which lives for the call only.
  using Sink = std::function<Status(std::string_view)>;
  // Hands the body of a 2xx answer to `sink` as it comes, for logs and watches. There is no time
  // limit but `silence`, the time in which no byte moves, and nothing is tried again. A failure of
  // `sink` ends the exchange and comes back, with the reason that its code has above.
  Status stream(const Call& call, const Sink& sink, std::chrono::milliseconds silence,
                const std::string& what);

  [[nodiscard]] const std::shared_ptr<Connection>& connection() const { return connection_; }
  // The flag that ends its requests: the connection's, or its own.
  [[nodiscard]] const StopFlag& stop() const { return *stop_; }

 private:
  // One exchange; `wait` becomes its Retry-After.
  Result<Reply> send_once(const Call& call, std::chrono::seconds& wait);
  // Brings the identity up to date, and the HTTP client where its certificate has changed.
  Status prepare();

  std::shared_ptr<Connection> connection_;
  const StopFlag* stop_;
  Identity identity_;
  std::unique_ptr<net::HttpClient> http_;
};

// "?a=b&c=d", encoded; empty for none.
std::string query_text(const Query& query);
// The text of a Warning header "299 - \"text\"".
std::string warning_text(const std::string& header);
// Seconds in a Retry-After header; 0 for none, for a date and for nonsense; at most 30.
std::chrono::seconds retry_after(const std::string& header);
// Sleeps, and looks at `stop` every 100 ms; false when it was raised on the way.
bool pause(std::chrono::milliseconds time, const StopFlag& stop);

}  // namespace marvel::kube
