#pragma once

#include "deploy/kube/client.hpp"
#include "deploy/kube/script_server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace marvel::test {

// The little of an API server that a rollout needs, for what a real one does not do on demand:
// another writer between two certain requests. It keeps objects by path, guards writes by
// resourceVersion and deletions by uid, keeps what has finalizers until somebody takes it away,
// refuses objects in namespaces that it does not have, and takes server-side apply for a
// replacement of all but the status and the mark of a deletion. As an old server it shows Ingresses
// in two groups. Nothing else of Kubernetes is here; what that does is asked of a real one in
// tests/cluster.
class FakeCluster {
 public:
  using json = nlohmann::json;

  FakeCluster() {
    access_.cluster.server = server_.url();
    access_.namespace_name = "edge";
    put("/api/v1/namespaces/edge", {{"kind", "Namespace"}, {"metadata", {{"name", "edge"}}}});
  }

  // Called before each request is answered, without the lock: it may change objects.
  std::function<void(const std::string& method, const std::string& path)> before;

  // A status in place of the answer to a GET; 0 for none.
  std::function<int(const std::string& path)> fail;

  // The document of a path of discovery ("/apis/test/v1") in place of the one below; empty for
  // none. Called without the lock.
  std::function<std::string(const std::string& path)> discover;

  // What happens while a watch is open, one line per event; after that the watch ends. Called
  // without the lock.
  std::function<std::string(const std::string& path)> on_watch;

  // By how many seconds this server's clock is ahead of the local one.
  std::atomic<std::int64_t> ahead{0};
  [[nodiscard]] std::string time_text(const char* format = "%Y-%m-%dT%H:%M:%SZ") const {
    const std::time_t now = std::time(nullptr) + ahead;
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::string text(40, '\0');
    text.resize(std::strftime(text.data(), text.size(), format, &parts));
    return text;
  }

  std::shared_ptr<kube::Connection> connect(
      std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    return *kube::Connection::open(access_, {}, timeout, stop_);
  }

  // Ctrl-C, for all connections.
  void interrupt() { stop_.raise(SIGINT); }

  // Stores an object as another client would.
  void put(const std::string& path, json object) {
    const std::lock_guard lock(mutex_);
    store(path, std::move(object));
  }
  void remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    objects_.erase(path);
  }
  // Deletes an object and makes another one of its name.
  void make_anew(const std::string& path) {
    const std::lock_guard lock(mutex_);
    json fresh = objects_[path];
    fresh["metadata"].erase("uid");
    objects_.erase(path);
    store(path, std::move(fresh));
  }
  // Null when it is not there.
  json get(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(path);
    return found == objects_.end() ? json() : found->second;
  }
  // "GET /path?query" of each request so far.
  std::vector<std::string> requests() { return server_.requests(); }
  // The same of those that are no GET.
  std::vector<std::string> writes() {
    std::vector<std::string> lines;
    for (const auto& line : server_.requests()) {
      if (line.rfind("GET", 0) != 0) {
        lines.push_back(line);
      }
    }
    return lines;
  }

 private:
  struct Request {
    std::string method;
    std::string path;
    std::map<std::string, std::string> query;
    json body;
  };

  static std::string decoded(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size()) {
        plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        plain += text[i];
      }
    }
    return plain;
  }

  static Request read(const std::string& line, const std::string& whole) {
    Request request;
    const auto blank = line.find(' ');
    const auto mark = line.find('?');
    request.method = line.substr(0, blank);
    request.path = decoded(line.substr(blank + 1, mark - blank - 1));
    const std::string old = "/apis/extensions/v1beta1/";
    if (request.path.rfind(old, 0) == 0) {
      request.path.replace(0, old.size(), "/apis/networking.k8s.io/v1/");
    }
    for (std::size_t at = mark; at < line.size();) {
      const auto end = std::min(line.find('&', at + 1), line.size());
      const std::string pair = line.substr(at + 1, end - at - 1);
      request.query[pair.substr(0, pair.find('='))] = decoded(pair.substr(pair.find('=') + 1));
      at = end;
    }
    request.body = json::parse(whole.substr(whole.find("\r\n\r\n") + 4), nullptr, false);
    return request;
  }

  static std::string refusal(int status, const std::string& reason) {
    return ScriptServer::json(status, json{{"kind", "Status"},
                                           {"code", status},
                                           {"reason", reason},
                                           {"message", "the test says " + reason}}
                                          .dump());
  }

  [[nodiscard]] std::string dated(const std::string& answer) const {
    const auto end = answer.find("\r\n");
    return answer.substr(0, end) + "\r\nDate: " + time_text("%a, %d %b %Y %H:%M:%S GMT") +
           answer.substr(end);
  }

  std::string answer(const std::string& line) {
    const Request request = read(line, server_.last());
    if (before) {
      before(request.method, request.path);
    }
    if (const int status = fail ? fail(request.path) : 0; status != 0) {
      return refusal(status, status == 403 ? "Forbidden" : "ServiceUnavailable");
    }
    if (value_of(request, "watch") == "1") {
      return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" +
             (on_watch ? on_watch(request.path) : "");
    }
    if (const auto text = discover ? discover(request.path) : ""; !text.empty()) {
      return ScriptServer::json(200, text);
    }
    const std::lock_guard lock(mutex_);
    if (const auto text = discovery(request.path); !text.empty()) {
      return ScriptServer::json(200, text);
    }
    if (request.method == "GET" && request.path.ends_with("/log")) {
      const bool before_it = value_of(request, "previous") == "true";
      return ScriptServer::json(200, "the last words of " + value_of(request, "container") +
                                         (before_it ? ", the run before\n" : "\n"));
    }
    if (request.method == "GET") {
      return read_objects(request);
    }
    if (request.method == "DELETE") {
      return remove_object(request);
    }
    return write(request);
  }

  static std::string discovery(const std::string& path) {
    if (path == "/api") {
      return R"({"versions":["v1"]})";
    }
    if (path == "/apis") {
      return R"({"groups":[{"preferredVersion":{"groupVersion":"apps/v1"}},
        {"preferredVersion":{"groupVersion":"batch/v1"}},
        {"preferredVersion":{"groupVersion":"extensions/v1beta1"}},
        {"preferredVersion":{"groupVersion":"networking.k8s.io/v1"}}]})";
    }
    if (path == "/api/v1") {
      return R"({"resources":[{"name":"namespaces","kind":"Namespace"},
        {"name":"configmaps","kind":"ConfigMap","namespaced":true},
        {"name":"endpoints","kind":"Endpoints","namespaced":true},
        {"name":"persistentvolumeclaims","kind":"PersistentVolumeClaim","namespaced":true},
        {"name":"pods","kind":"Pod","namespaced":true}]})";
    }
    if (path == "/apis/apps/v1") {
      return R"({"resources":[{"name":"deployments","kind":"Deployment","namespaced":true},
        {"name":"statefulsets","kind":"StatefulSet","namespaced":true},
        {"name":"daemonsets","kind":"DaemonSet","namespaced":true}]})";
    }
    if (path == "/apis/extensions/v1beta1" || path == "/apis/networking.k8s.io/v1") {
      return R"({"resources":[{"name":"ingresses","kind":"Ingress","namespaced":true}]})";
    }
    return path == "/apis/batch/v1"
               ? R"({"resources":[{"name":"jobs","kind":"Job","namespaced":true}]})"
               : "";
  }

  // "a/b=c" of a label selector, "a.b=c" of a field selector.
  static bool selected(const json& object, const std::string& selector, bool labels) {
    const auto equals = selector.find('=');
    if (equals == std::string::npos) {
      return true;
    }
    std::string pointer = "/" + selector.substr(0, equals);
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    const json& map = labels ? object["metadata"] : object;
    const std::string value = selector.substr(equals + 1);
    if (labels) {
      return map.value("labels", json::object()).value(selector.substr(0, equals), "") == value;
    }
    const json::json_pointer at(pointer);
    return object.contains(at) && object[at] == value;
  }

  std::string read_objects(const Request& request) {
    if (const auto found = objects_.find(request.path); found != objects_.end()) {
      return ScriptServer::json(200, found->second.dump());
    }
    if (!is_collection(request.path)) {
      return refusal(404, "NotFound");
    }
    json items = json::array();
    for (const auto& [path, object] : objects_) {
      if (is_in(path, request.path) && selected(object, value_of(request, "labelSelector"), true) &&
          selected(object, value_of(request, "fieldSelector"), false)) {
        items.push_back(object);
      }
    }
    return ScriptServer::json(
        200, json{{"metadata", {{"resourceVersion", std::to_string(counter_)}}}, {"items", items}}
                 .dump());
  }

  // Behind "/api/v1" and "/apis/GROUP/VERSION" kinds and names take turns.
  static bool is_collection(const std::string& path) {
    const bool core = path.rfind("/api/", 0) == 0;
    return std::count(path.begin(), path.end(), '/') % 2 == (core ? 1 : 0);
  }

  // Also in the collection of all namespaces.
  static bool is_in(const std::string& path, const std::string& collection) {
    const std::string folder = path.substr(0, path.rfind('/'));
    const auto mark = folder.find("/namespaces/");
    const auto end = mark == std::string::npos ? mark : folder.find('/', mark + 12);
    return folder == collection ||
           (end != std::string::npos && folder.substr(0, mark) + folder.substr(end) == collection);
  }

  static std::string value_of(const Request& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? "" : found->second;
  }

  std::string remove_object(const Request& request) {
    const auto found = objects_.find(request.path);
    if (found == objects_.end()) {
      return refusal(404, "NotFound");
    }
    const json::json_pointer uid("/preconditions/uid");
    if (request.body.is_object() && request.body.contains(uid) &&
        request.body[uid] != found->second["metadata"]["uid"]) {
      return refusal(409, "Conflict");
    }
    if (found->second["metadata"].contains("finalizers")) {
      found->second["metadata"]["deletionTimestamp"] = time_text();
    } else {
      objects_.erase(found);
    }
    return ScriptServer::json(200, "{}");
  }

  std::string write(const Request& request) {
    std::string path = request.path;
    if (request.method == "POST") {
      path += "/" + request.body["metadata"]["name"].get<std::string>();
    }
    const auto there = objects_.find(path);
    const bool exists = there != objects_.end();
    const std::string version = request.body["metadata"].value("resourceVersion", "");
    if (request.method == "POST" && exists) {
      return refusal(409, "AlreadyExists");
    }
    if (!in_a_namespace(path) || (request.method == "PUT" && !exists)) {
      return refusal(404, "NotFound");
    }
    if (!version.empty() && (!exists || there->second["metadata"]["resourceVersion"] != version)) {
      return refusal(409, "Conflict");
    }
    const int status = exists ? 200 : 201;
    if (value_of(request, "dryRun") == "All") {
      return ScriptServer::json(status, request.body.dump());
    }
    json object = request.body;
    if (exists) {
      keep(there->second, object, "status");
      keep(there->second["metadata"], object["metadata"], "deletionTimestamp");
      keep(there->second["metadata"], object["metadata"], "finalizers");
    }
    return ScriptServer::json(status, store(path, object).dump());
  }

  static void keep(const json& old, json& object, const char* key) {
    if (old.contains(key)) {
      object[key] = old[key];
    }
  }

  bool in_a_namespace(const std::string& path) {
    const std::string mark = "/namespaces/";
    const auto begin = path.find(mark);
    const auto end = begin == std::string::npos ? begin : path.find('/', begin + mark.size());
    return end == std::string::npos ||
           objects_.count("/api/v1" + path.substr(begin, end - begin)) > 0;
  }

  // An object that stays what it is keeps its version.
  json& store(const std::string& path, json object) {
    json& there = objects_[path];
    json& metadata = object["metadata"];
    if (!there.is_null()) {
      metadata["uid"] = there["metadata"]["uid"];
      metadata["resourceVersion"] = there["metadata"]["resourceVersion"];
    } else if (!metadata.contains("uid")) {
      metadata["uid"] = "uid-" + std::to_string(++counter_);
    }
    if (object != there) {
      metadata["resourceVersion"] = std::to_string(++counter_);
      there = std::move(object);
    }
    return there;
  }

  StopFlag stop_;
  kube::Access access_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, json> objects_;
  int counter_ = 0;
  ScriptServer server_{
      [this](const std::string& line) { return dated(answer(line)); }};  // ends first
};

}  // namespace marvel::test
