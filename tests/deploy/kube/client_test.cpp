#include "deploy/kube/client.hpp"

#include "deploy/kube/script_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using namespace std::chrono_literals;
using test::ScriptServer;

// Everything a client needs, for one test.
struct Fixture {
  explicit Fixture(ScriptServer::Answer answer, Access access = {}) : server(std::move(answer)) {
    access.cluster.server = server.url() + "/";
    auto opened = Connection::open(access, {}, 5s, stop);
    REQUIRE(opened.has_value());
    connection = *opened;
  }
  ScriptServer server;
  StopFlag stop;
  std::shared_ptr<Connection> connection;
};

}  // namespace

TEST_CASE("a request has its path, query, token and type") {
  Access access;
  access.user.token = "t";
  Fixture fixture([](const std::string&) { return ScriptServer::json(200, "{\"a\":1}"); }, access);
  Client client(fixture.connection);
  const auto object = client.object({.method = "PATCH",
                                     .path = "/api/v1/nodes/n",
                                     .query = {{"labelSelector", "a=b,c!=d"}},
                                     .body = "{}",
                                     .content_type = kStrategicMerge},
                                    "x");
  REQUIRE(object.has_value());
  CHECK((*object)["a"] == 1);
  const std::string sent = fixture.server.last();
  CHECK(sent.rfind("PATCH /api/v1/nodes/n?labelSelector=a%3Db%2Cc%21%3Dd HTTP/1.1", 0) == 0);
  CHECK(sent.find("Authorization: Bearer t\r\n") != std::string::npos);
  CHECK(sent.find("Content-Type: application/strategic-merge-patch+json\r\n") != std::string::npos);
}

TEST_CASE("a busy server is asked again after the time it names") {
  int count = 0;
  Fixture fixture([&count](const std::string&) {
    return ++count < 3 ? ScriptServer::json(429, "{}", "Retry-After: 1\r\n")
                       : ScriptServer::json(200, "{}");
  });
  Client client(fixture.connection);
  const auto start = std::chrono::steady_clock::now();
  CHECK(client.get("/x", {}, "x").has_value());
  CHECK(std::chrono::steady_clock::now() - start >= 2s);
  CHECK(fixture.server.requests().size() == 3);
}

TEST_CASE("an error without Retry-After is not sent again") {
  Fixture fixture([](const std::string&) { return ScriptServer::json(503, "{}"); });
  Client client(fixture.connection);
  CHECK(client.get("/x", {}, "x").error().reason == "unavailable");
  CHECK(fixture.server.requests().size() == 1);
}

TEST_CASE("a server that is gone, cuts the answer off or sends no JSON is told apart") {
  Fixture cut([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
  });
  CHECK(Client(cut.connection).get("/x", {}, "x").error().reason == "unreachable");
  Fixture odd([](const std::string&) { return ScriptServer::json(200, "<html>"); });
  CHECK(Client(odd.connection).get("/x", {}, "x").error().code == Errc::kUnavailable);
  const StopFlag stop;
  Access access;
  access.cluster.server = "http://127.0.0.1:1";
  CHECK(Client(*Connection::open(access, {}, 2s, stop)).get("/x", {}, "x").error().reason ==
        "unreachable");
  access.cluster.server = "ftp://x";
  CHECK_FALSE(Connection::open(access, {}, 2s, stop).has_value());
}

TEST_CASE("warnings of the server are handed on once") {
  Fixture fixture([](const std::string&) {
    return ScriptServer::json(200, "{}", "Warning: 299 - \"old \\\"thing\\\"\"\r\n");
  });
  Client client(fixture.connection);
  CHECK(client.get("/x", {}, "x").has_value());
  CHECK(client.get("/x", {}, "x").has_value());
  CHECK(fixture.connection->take_warnings() ==
        std::vector<std::string>{"the server warns: old \"thing\""});
  CHECK(fixture.connection->take_warnings().empty());
}

TEST_CASE("the small readers bound what they read") {
  CHECK(retry_after("2") == 2s);
  CHECK(retry_after("99999") == 30s);
  CHECK(retry_after("-1") == 0s);
  CHECK(retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0s);
  CHECK(warning_text("299 - nothing").empty());
  CHECK(query_text({}).empty());
  CHECK(query_text({{"a b", "c&d"}}) == "?a%20b=c%26d");
}

}  // namespace marvel::kube
