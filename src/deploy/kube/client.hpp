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

using Query = std::vector<std::pair<std::string, std::string>>;

// One request to the API server.
struct Call {
  std::string method = "GET";
  // NOLINTBEGIN(readability-redundant-member-init): so that a call may name a few of them
  std::string path = {};  // "/api/v1/nodes/edge1", encoded
  Query query = {};       // not encoded
  std::string body = {};
  // NOLINTEND(readability-redundant-member-init)
  std::string content_type = "application/json";
  std::string accept = "application/json";
};

struct Reply {
  int status = 0;
  std::string content_type;
  std::string body;

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

// Content types of PATCH bodies.
inline constexpr const char* kStrategicMerge = "application/strategic-merge-patch+json";
inline constexpr const char* kMergePatch = "application/merge-patch+json";
inline constexpr const char* kServerSideApply = "application/apply-patch+yaml";

// What all clients of one cluster share. Any thread.
class Connection {
 public:
  // `timeout` limits each request. kInput when the access cannot be used.
  static Result<std::shared_ptr<Connection>> open(Access access, const Environment& environment,
                                                  std::chrono::milliseconds timeout,
                                                  const StopFlag& stop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] const Access& access() const { return access_; }
  [[nodiscard]] const StopFlag& stop() const { return stop_; }
  [[nodiscard]] const net::HttpOptions& options() const { return *options_; }
  Credentials& credentials() { return credentials_; }
  [[nodiscard]] const ServerClock& clock() const { return clock_; }
  ServerClock& clock() { return clock_; }

  // Warnings of the server since the last call, each text once in the life of the connection.
  std::vector<std::string> take_warnings();
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

// Requests over one kept connection. One thread at a time; make more of the same Connection.
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

  // An answer of any status. 429 and 5xx with Retry-After are tried again, at most 10 times; 401
  // once when a login program can be asked again.
  Result<Reply> exchange(const Call& call);
  // The object in a 2xx answer; any other is the server's error, with `what` before it.
  Result<nlohmann::json> object(const Call& call, const std::string& what);
  Result<nlohmann::json> get(const std::string& path, const Query& query, const std::string& what);
  // Hands the body of a 2xx answer to `sink` as it comes; no time limit but for silence.
  using Sink = std::function<Status(std::string_view)>;
  Status stream(const Call& call, const Sink& sink, std::chrono::milliseconds silence,
                const std::string& what);

  [[nodiscard]] const std::shared_ptr<Connection>& connection() const { return connection_; }
  [[nodiscard]] const StopFlag& stop() const { return *stop_; }

 private:
  Result<Reply> send_once(const Call& call, std::chrono::seconds& wait);
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
// Sleeps; false when `stop` was raised on the way.
bool pause(std::chrono::milliseconds time, const StopFlag& stop);

}  // namespace marvel::kube
