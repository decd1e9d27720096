#include "deploy/kube/paging.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/script_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using test::ScriptServer;

struct Listing {
  Result<ListEnd> end = ListEnd();
  std::vector<std::string> names;
};

Listing list(ScriptServer& server) {
  const StopFlag stop;
  Access access;
  access.cluster.server = server.url();
  Client client(*Connection::open(access, {}, std::chrono::seconds(5), stop));
  Listing listing;
  listing.end = list_all(
      client, "/things", {},
      [&](const nlohmann::json& item) {
        listing.names.push_back(text(item, {"name"}));
        return Status();
      },
      [&] { listing.names.clear(); }, "listing things");
  return listing;
}

std::string page(const std::string& token, const std::string& name) {
  return ScriptServer::json(200, R"({"metadata":{"resourceVersion":"7","continue":")" + token +
                                     R"("},"items":[{"name":")" + name + R"("}]})");
}

}  // namespace

TEST_CASE("pages follow each other to the last") {
  ScriptServer server([](const std::string& line) {
    return line.find("continue=t1") != std::string::npos ? page("", "b") : page("t1", "a");
  });
  const Listing listing = list(server);
  REQUIRE(listing.end.has_value());
  CHECK(listing.end->items == 2);
  CHECK(listing.end->resource_version == "7");
  CHECK(listing.names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a list that the server forgot begins again, once") {
  int count = 0;
  ScriptServer server([&count](const std::string&) {
    ++count;
    return count == 2 ? ScriptServer::json(410, "{}")
                      : page(count == 1 ? "t1" : "", "n" + std::to_string(count));
  });
  CHECK(list(server).names == std::vector<std::string>{"n3"});
  ScriptServer forgetful([](const std::string&) { return ScriptServer::json(410, "{}"); });
  CHECK(list(forgetful).end.error().reason == "expired");
  CHECK(forgetful.requests().size() == 2);
}

TEST_CASE("the token is found before the items, and behind them only by reading all") {
  CHECK(continue_token(R"({"metadata":{"continue":"x"},"items":[{)") == "x");
  CHECK(continue_token(R"({"items":[],"metadata":{"continue":"x"}})").empty());
  CHECK(continue_token("").empty());
  ScriptServer server([](const std::string& line) {
    return ScriptServer::json(200, line.find("continue=x") != std::string::npos
                                       ? R"({"items":[{"name":"b"}]})"
                                       : R"({"items":[{"name":"a"}],"metadata":{"continue":"x"}})");
  });
  CHECK(list(server).names == std::vector<std::string>{"a", "b"});
}

}  // namespace marvel::kube
