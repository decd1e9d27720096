#include "deploy/taint/writer.hpp"

#include "deploy/kube/script_server.hpp"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::taint {
namespace {

using test::ScriptServer;

std::string node_at(int version) {
  return ScriptServer::json(
      200, R"({"metadata":{"name":"n","resourceVersion":")" + std::to_string(version) + "\"}}");
}

NodeResult write(ScriptServer& server, DryRun dry_run = DryRun::kNone) {
  const StopFlag stop;
  kube::Access access;
  access.cluster.server = server.url();
  kube::Client client(*kube::Connection::open(access, {}, std::chrono::seconds(5), stop));
  scheduling::Node node;
  node.name = "n";
  const auto request = parse_request({"a:NoSchedule"});
  return write_node(
      client, node, false, [&](const auto& now) { return edit(now, *request, {}); }, dry_run);
}

}  // namespace

TEST_CASE("a lost race is run again on the node as it is then") {
  std::atomic<int> reads{0};  // by the server's thread
  std::atomic<int> patches{0};
  ScriptServer server([&](const std::string& line) {
    if (line.rfind("GET", 0) == 0) {
      return node_at(++reads);
    }
    return ++patches < 3 ? ScriptServer::json(409, "{}") : node_at(9);
  });
  const NodeResult result = write(server);
  CHECK_FALSE(result.error.has_value());
  CHECK(result.tries == 3);
  CHECK(reads == 3);
  CHECK(server.last().find(R"("resourceVersion":"3")") != std::string::npos);
}

TEST_CASE("a write that was made in spite of a 5xx is ours, so that it can be undone") {
  // What the node has when the repeated write has met itself; the last is another writer's alone.
  const std::vector<std::pair<std::string, Outcome>> cases{
      {R"([{"key":"a","effect":"NoSchedule"}])", Outcome::kTainted},
      {R"([{"key":"b","effect":"NoExecute"},{"key":"a","effect":"NoSchedule"}])",
       Outcome::kTainted},
      {R"([{"key":"a","value":"x","effect":"NoSchedule"}])", Outcome::kExists}};
  for (const auto& [taints, outcome] : cases) {
    std::atomic<int> patches{0};
    ScriptServer server([&, &taints = taints](const std::string& line) {
      if (line.rfind("GET", 0) == 0) {
        const std::string after =
            R"({"metadata":{"name":"n","resourceVersion":"2"},"spec":{"taints":)" + taints + "}}";
        return patches > 0 ? ScriptServer::json(200, after) : node_at(1);
      }
      return ++patches == 1 ? ScriptServer::json(503, "{}", "Retry-After: 1\r\n")
                            : ScriptServer::json(409, "{}");
    });
    const NodeResult result = write(server);
    CHECK_FALSE(result.error.has_value());
    CHECK(result.edit.outcome == outcome);
    CHECK(result.before.taints.empty() == (outcome == Outcome::kTainted));
    CHECK(patches == 2);
  }
}

TEST_CASE("what is no race is told at once") {
  ScriptServer server([](const std::string& line) {
    return line.rfind("GET", 0) == 0 ? node_at(1) : ScriptServer::json(422, "{}");
  });
  const NodeResult result = write(server);
  REQUIRE(result.error.has_value());
  CHECK(result.error->reason == "rejected");
  CHECK(result.tries == 1);
}

TEST_CASE("a server that answers with another node changes nothing") {
  ScriptServer server([](const std::string&) {
    return ScriptServer::json(200, R"({"metadata":{"name":"other","resourceVersion":"1"}})");
  });
  const NodeResult result = write(server);
  REQUIRE(result.error.has_value());
  CHECK(result.error->code == Errc::kUnavailable);
  CHECK(result.error->message == "reading node n: the server answered with node other");
  CHECK(result.tries == 0);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("dry runs send nothing, or say so to the server") {
  ScriptServer server([](const std::string&) { return node_at(1); });
  CHECK(write(server, DryRun::kClient).tries == 0);
  CHECK(write(server, DryRun::kServer).tries == 1);
  CHECK(server.requests().back() == "PATCH /api/v1/nodes/n?fieldManager=marvel&dryRun=All");
}

}  // namespace marvel::taint
