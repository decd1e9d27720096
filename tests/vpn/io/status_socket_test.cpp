#include "vpn/io/status_socket.hpp"

#include "support/temp_dir.hpp"

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

TEST_CASE("a path that no socket can have is told") {
  CHECK(StatusSocket::listen(std::string(200, 'x')).error().code == Errc::kInput);
}

}  // namespace marvel::vpn
