#include "deploy/kube/watch.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/script_server.hpp"

#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using test::ScriptServer;

std::string event(const std::string& type, const std::string& name, int version) {
  return R"({"type":")" + type + R"(","object":{"metadata":{"name":")" + name +
         R"(","resourceVersion":")" + std::to_string(version) + "\"}}}\n";
}

std::string streamed(const std::string& lines) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + lines;
}

const std::string kList = ScriptServer::json(
    200, R"({"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a"}}]})");

// What came, one letter per change and the name: "+a !" and so on. Stops after `count` changes.
std::string watched(ScriptServer& server, int count, Status* status = nullptr,
                    std::chrono::seconds limit = std::chrono::seconds(10)) {
  const StopFlag stop;
  Access access;
  access.cluster.server = server.url();
  Client client(*Connection::open(access, {}, std::chrono::seconds(5), stop));
  std::string seen;
  const Status ended = list_and_watch(
      client, "/things", {}, std::chrono::steady_clock::now() + limit,
      [&](Change change, const nlohmann::json& object) -> Result<bool> {
        seen += std::string(1, "0+~-!"[static_cast<int>(change)]) +
                text(object, {"metadata", "name"}) + " ";
        return --count > 0;
      },
      "watching");
  if (status != nullptr) {
    *status = ended;
  } else {
    CHECK(ended.has_value());
  }
  return seen;
}

}  // namespace

TEST_CASE("a watch goes on where it was cut, and from where a bookmark says") {
  int watches = 0;
  ScriptServer server([&watches](const std::string& line) {
    if (line.find("watch=1") == std::string::npos) {
      return kList;
    }
    ++watches;
    if (watches == 1) {
      return streamed(event("ADDED", "b", 6) + event("BOOKMARK", "", 9) + R"({"type":"MODI)");
    }
    return streamed(event("MODIFIED", "b", 10) + event("DELETED", "a", 11));
  });
  CHECK(watched(server, 5) == "+a ! +b ~b -a ");
  const auto requests = server.requests();
  CHECK(requests.at(1).find("resourceVersion=5") != std::string::npos);
  CHECK(requests.at(2).find("resourceVersion=9") != std::string::npos);
}

TEST_CASE("what could not be taken for a passing cause comes again, the list as a whole") {
  ScriptServer server([](const std::string& line) {
    return line.find("watch=1") == std::string::npos ? kList : streamed(event("ADDED", "b", 6));
  });
  const StopFlag stop;
  Access access;
  access.cluster.server = server.url();
  Client client(*Connection::open(access, {}, std::chrono::seconds(5), stop));
  std::string seen;
  std::set<std::string> refused;  // each once
  const Status ended = list_and_watch(
      client, "/things", {}, std::chrono::steady_clock::now() + std::chrono::seconds(10),
      [&](Change change, const nlohmann::json& object) -> Result<bool> {
        const std::string one =
            std::string(1, "0+~-!"[static_cast<int>(change)]) + text(object, {"metadata", "name"});
        seen += one + " ";
        if ((one == "!" || one == "+b") && refused.insert(one).second) {
          return fail(Errc::kUnavailable, "away");
        }
        return one != "+b";
      },
      "watching");
  CHECK(ended.has_value());
  CHECK(seen == "+a ! 0 +a ! +b +b ");
}

TEST_CASE("no request of a watch is long, so that the silence of a dead link shows soon") {
  ScriptServer server([](const std::string& line) {
    return line.find("watch=1") == std::string::npos ? kList : streamed(event("ADDED", "b", 6));
  });
  CHECK(watched(server, 3, nullptr, std::chrono::hours(1)) == "+a ! +b ");
  CHECK(server.requests().at(1).find("timeoutSeconds=60") != std::string::npos);
}

TEST_CASE("after 410 the list is read again") {
  int watches = 0;
  ScriptServer server([&watches](const std::string& line) {
    if (line.find("watch=1") == std::string::npos) {
      return kList;
    }
    return ++watches == 1 ? streamed(R"({"type":"ERROR","object":{"kind":"Status","code":410}})"
                                     "\n")
                          : streamed(event("ADDED", "c", 6));
  });
  CHECK(watched(server, 6) == "+a ! 0 +a ! +c ");
}

TEST_CASE("what is final ends the watch") {
  ScriptServer server([](const std::string&) { return ScriptServer::json(403, "{}"); });
  Status status;
  CHECK(watched(server, 9, &status).empty());
  CHECK(status.error().reason == "forbidden");
  CHECK(server.requests().size() == 1);
}

}  // namespace marvel::kube
