#include "deploy/kube/client.hpp"

#include "base/text.hpp"
#include "base/version.hpp"
#include "deploy/kube/json_text.hpp"
#include "net/http.hpp"

#include <algorithm>
#include <thread>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

constexpr int kMostTries = 10;
constexpr std::size_t kMostWarnings = 100;

// The words of deploy's JSON errors for exchanges that did not come to an end.
Error reworded(Error error) {
  switch (error.code) {
    case Errc::kUnavailable:
      error.reason = "unreachable";
      break;
    case Errc::kDenied:
      error.reason = "tls";
      break;
    case Errc::kTimeout:
      error.reason = "timeout";
      break;
    case Errc::kFailed:
      error.reason = "interrupted";
      break;
    default:
      break;
  }
  return error;
}

std::string without_slash(std::string server) {
  while (!server.empty() && server.back() == '/') {
    server.pop_back();
  }
  return server;
}

net::Request to_request(const Call& call, const Access& access, const Identity& identity) {
  net::Request request;
  request.method = call.method;
  request.url = without_slash(access.cluster.server) + call.path + query_text(call.query);
  request.headers.add("Accept", call.accept);
  request.headers.add("User-Agent", "marvel/" + std::string(version_number()));
  for (const auto& [name, value] : identity.headers) {
    request.headers.add(name, value);
  }
  if (!call.body.empty()) {
    request.headers.add("Content-Type", call.content_type);
    request.body = call.body;
  }
  return request;
}

}  // namespace

std::string query_text(const Query& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text +=
        (text.empty() ? "?" : "&") + net::percent_encode(name) + "=" + net::percent_encode(value);
  }
  return text;
}

std::string warning_text(const std::string& header) {
  const auto open = header.find('"');
  if (open == std::string::npos) {
    return {};
  }
  std::string text;
  for (std::size_t i = open + 1; i < header.size() && header[i] != '"' && text.size() < 1000; ++i) {
    i += header[i] == '\\' && i + 1 < header.size() ? 1 : 0;
    text += header[i];
  }
  return text;
}

std::chrono::seconds retry_after(const std::string& header) {
  constexpr std::int64_t kLongest = 30;
  const auto seconds = parse_integer(trim(header));
  return std::chrono::seconds(seconds ? std::clamp<std::int64_t>(*seconds, 0, kLongest) : 0);
}

bool pause(std::chrono::milliseconds time, const StopFlag& stop) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!stop.raised() && std::chrono::steady_clock::now() < end) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(100)));
  }
  return !stop.raised();
}

Result<std::shared_ptr<Connection>> Connection::open(Access access, const Environment& environment,
                                                     std::chrono::milliseconds timeout,
                                                     const StopFlag& stop) {
  MARVEL_TRY(const net::Url url, net::parse_url(access.cluster.server));
  auto options = std::make_unique<net::HttpOptions>();
  const Cluster& cluster = access.cluster;
  options->tls.ca_file = cluster.ca_pem.empty() ? cluster.ca_file : "";
  options->tls.ca_pem = cluster.ca_pem;
  options->tls.server_name = cluster.tls_server_name;
  options->tls.verify = !cluster.insecure;
  if (cluster.proxy_url.empty()) {
    options->proxies = net::proxies_from(environment);
  } else {
    options->proxies = {cluster.proxy_url, cluster.proxy_url, ""};
  }
  options->timeouts.connect = std::min(timeout, options->timeouts.connect);
  options->timeouts.total = timeout;
  options->max_body = std::uint64_t{256} << 20;
  auto connection =
      std::shared_ptr<Connection>(new Connection(std::move(access), std::move(options), stop));
  if (connection->access().cluster.insecure && url.scheme == "https") {
    connection->new_warnings_.push_back("the certificate of " + url.authority() +
                                        " is not checked (insecure-skip-tls-verify): anybody "
                                        "between could read and change everything");
  }
  return connection;
}

Connection::Connection(Access access, std::unique_ptr<net::HttpOptions> options,
                       const StopFlag& stop)
    : access_(std::move(access)),
      options_(std::move(options)),
      stop_(stop),
      credentials_(access_, stop) {}

Connection::~Connection() = default;

std::vector<std::string> Connection::take_warnings() {
  const std::lock_guard lock(mutex_);
  return std::exchange(new_warnings_, {});
}

void Connection::add_warning(const std::string& header) {
  const std::string text = warning_text(header);
  const std::lock_guard lock(mutex_);
  if (!text.empty() && seen_warnings_.size() < kMostWarnings &&
      seen_warnings_.insert(text).second) {
    new_warnings_.push_back("the server warns: " + text);
  }
}

Client::Client(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)), stop_(&connection_->stop()) {}
Client::Client(std::shared_ptr<Connection> connection, const StopFlag& stop)
    : connection_(std::move(connection)), stop_(&stop) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

// A new certificate needs a new connection; a new token does not.
Status Client::prepare() {
  MARVEL_TRY(Identity identity, connection_->credentials().identity());
  const bool same = identity.certificate_pem == identity_.certificate_pem;
  identity_ = std::move(identity);
  if (!http_ || !same) {
    net::HttpOptions options = connection_->options();
    options.tls.certificate_file =
        identity_.certificate_pem.empty() ? identity_.certificate_file : "";
    options.tls.certificate_pem = identity_.certificate_pem;
    options.tls.key_file = identity_.key_pem.empty() ? identity_.key_file : "";
    options.tls.key_pem = identity_.key_pem;
    http_ = std::make_unique<net::HttpClient>(std::move(options), *stop_);
  }
  return {};
}

Result<Reply> Client::send_once(const Call& call, std::chrono::seconds& wait) {
  MARVEL_TRY_STATUS(prepare());
  auto response = http_->send(to_request(call, connection_->access(), identity_));
  if (!response) {
    return fail(reworded(std::move(response).error()));
  }
  connection_->clock().learn(response->headers.get("Date").value_or(""));
  for (const auto& warning : response->headers.all("Warning")) {
    connection_->add_warning(warning);
  }
  wait = retry_after(response->headers.get("Retry-After").value_or(""));
  return Reply{response->status, response->headers.get("Content-Type").value_or(""),
               std::move(response->body), false};
}

Result<Reply> Client::exchange(const Call& call) {
  bool logged_in_again = false;
  bool may_be_done = false;
  for (int tries = 1;; ++tries) {
    std::chrono::seconds wait{0};
    MARVEL_TRY(Reply reply, send_once(call, wait));
    reply.repeated = may_be_done;
    may_be_done = may_be_done || reply.status >= 500;
    const bool busy = reply.status == 429 || reply.status >= 500;
    if (busy && wait.count() > 0 && tries < kMostTries) {
      if (pause(wait, *stop_)) {
        continue;
      }
    } else if (reply.status == 401 && !logged_in_again &&
               connection_->credentials().refused(identity_.generation)) {
      logged_in_again = true;
      continue;
    }
    return reply;
  }
}

Result<nlohmann::json> Client::object(const Call& call, const std::string& what) {
  MARVEL_TRY(const Reply reply, exchange(call));
  if (!reply.ok()) {
    return fail(to_error(read_status(reply.status, reply.body), what));
  }
  auto object = parse_json(reply.body, "the server's answer");
  if (!object) {
    object.error().code = Errc::kUnavailable;
    object.error().context.push_back(what);
  }
  return object;
}

Result<nlohmann::json> Client::get(const std::string& path, const Query& query,
                                   const std::string& what) {
  return object({.path = path, .query = query}, what);
}

Status Client::stream(const Call& call, const Sink& sink, std::chrono::milliseconds silence,
                      const std::string& what) {
  MARVEL_TRY_STATUS(prepare());
  net::Request request = to_request(call, connection_->access(), identity_);
  request.timeouts = connection_->options().timeouts;
  request.timeouts->total = std::chrono::milliseconds(0);
  request.timeouts->idle = silence;
  const auto response = http_->send(request, sink);
  if (!response) {
    return fail(reworded(response.error()));
  }
  if (response->status < 200 || response->status >= 300) {
    return fail(to_error(read_status(response->status, response->body), what));
  }
  return {};
}

}  // namespace marvel::kube
