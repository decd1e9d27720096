#include "net/status_socket.hpp"

#include "support/temp_dir.hpp"

#include <poll.h>
#include <thread>

#include <doctest/doctest.h>

namespace marvel::net {
namespace {

StatusPlace place_in(const std::filesystem::path& folder) {
  return {folder / "status.sock", "node", "the folder '" + folder.string() + "'", "--state"};
}

}  // namespace

TEST_CASE("whoever connects gets the document") {
  const test::TempDir folder;
  auto socket = StatusSocket::listen(place_in(folder.path()));
  REQUIRE(socket);
  const std::string document(100'000, 'x');
  std::thread node([&] {
    pollfd wanted{socket->fd(), POLLIN, 0};
    if (::poll(&wanted, 1, 5000) > 0) {
      socket->answer(document);
    }
  });
  const auto read = read_status(place_in(folder.path()));
  node.join();
  REQUIRE(read);
  CHECK(*read == document);
}

TEST_CASE("a second node with the same folder is refused, and a dead one's socket is replaced") {
  const test::TempDir folder;
  {
    const auto socket = StatusSocket::listen(place_in(folder.path()));
    REQUIRE(socket);
    const auto second = StatusSocket::listen(place_in(folder.path()));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::kConflict);
  }
  const auto none = read_status(place_in(folder.path()));
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kUnavailable);
  CHECK(StatusSocket::listen(place_in(folder.path())));
}

TEST_CASE("a path that no socket can have is told") {
  CHECK(StatusSocket::listen(place_in(std::string(200, 'x'))).error().code == Errc::kInput);
}

}  // namespace marvel::net
