#include "vpn/io/status_socket.hpp"

#include "support/temp_dir.hpp"

#include <mutex>
#include <poll.h>
#include <thread>

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("whoever connects gets the document") {
  const test::TempDir folder;
  auto socket = StatusSocket::listen(folder.path());
  REQUIRE(socket);
  const std::string document(100'000, 'x');
  std::thread node([&] {
    pollfd wanted{socket->fd(), POLLIN, 0};
    if (::poll(&wanted, 1, 5000) > 0) {
      socket->answer(document);
    }
  });
  const auto read = read_status(folder.path());
  node.join();
  REQUIRE(read);
  CHECK(*read == document);
}

TEST_CASE("a second node with the same folder is refused, and a dead one's socket is replaced") {
  const test::TempDir folder;
  {
    const auto socket = StatusSocket::listen(folder.path());
    REQUIRE(socket);
    const auto second = StatusSocket::listen(folder.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::kConflict);
  }
  const auto none = read_status(folder.path());
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kUnavailable);
  CHECK(StatusSocket::listen(folder.path()));
}

TEST_CASE("the folder is locked, whether or not its socket is there") {
  const test::TempDir folder;
  const auto socket = StatusSocket::listen(folder.path());
  REQUIRE(socket);
  std::filesystem::remove(folder.path() / "status.sock");
  const auto second = StatusSocket::listen(folder.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::kConflict);
}

TEST_CASE("of many nodes that begin at once with one folder one gets it") {
  const test::TempDir folder;
  std::mutex guard;  // of both below
  std::vector<StatusSocket> won;
  int refused = 0;
  std::vector<std::thread> nodes;
  for (int at = 0; at < 8; ++at) {
    nodes.emplace_back([&] {
      auto socket = StatusSocket::listen(folder.path());
      const std::lock_guard lock(guard);
      if (socket) {
        won.push_back(std::move(*socket));
      } else {
        ++refused;
      }
    });
  }
  for (auto& node : nodes) {
    node.join();
  }
  CHECK(won.size() == 1);
  CHECK(refused == 7);
}

TEST_CASE("a path that no socket can have is told") {
  CHECK(StatusSocket::listen(std::string(200, 'x')).error().code == Errc::kInput);
}

}  // namespace marvel::vpn
