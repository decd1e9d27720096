#include "federate/server/lookout.hpp"

#include "support/socket.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <sys/socket.h>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

std::string asked_by_http(int port) {
  const Fd client = test::connected_to(port);
  ::send(client.get(), "GET /metrics HTTP/1.1\r\n\r\n", 25, 0);
  return test::read_all(client);
}

}  // namespace

TEST_CASE("a server is seen at --control, or in its checkpoint folder, or not at all") {
  CHECK_FALSE(control_place("", "").has_value());
  CHECK(control_place("run1", "").value().socket == "run1/status.sock");
  CHECK(control_place("run1", "x.sock").value().socket == "x.sock");
}

TEST_CASE("status and metrics are answered while the work goes on") {
  const test::TempDir folder;
  const auto place = control_place(folder.path().string(), "");
  std::atomic<std::uint64_t> rounds = 1;
  {
    Lookout lookout;
    REQUIRE(lookout.open(place, "127.0.0.1:0"));
    lookout.start([&rounds] {
      ServerSnapshot snapshot;
      snapshot.rounds_done = rounds;
      return snapshot;
    });
    const auto first = net::read_status(*place);
    REQUIRE(first);
    CHECK(first->find("\"rounds_done\":1") != std::string::npos);
    rounds = 2;
    const std::string metrics = asked_by_http(lookout.metrics_port());
    CHECK(metrics.find("marvel_fedl_rounds_done 2\n") != std::string::npos);
    CHECK(net::read_status(*place));

    Lookout second;
    const auto refused = second.open(place, "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::kConflict);
    CHECK(refused.error().message.find("another server runs with the checkpoint folder") == 0);
  }
  const auto none = net::read_status(*place);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kUnavailable);
}

TEST_CASE("nothing is opened where nobody asks for it") {
  Lookout lookout;
  REQUIRE(lookout.open(std::nullopt, ""));
  CHECK(lookout.metrics_port() == 0);
  lookout.start([]() -> ServerSnapshot {
    FAIL("nobody looks");
    return {};
  });
}

}  // namespace marvel::federate
