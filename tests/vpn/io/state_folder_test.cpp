#include "vpn/io/state_folder.hpp"

#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("a state folder is for one node, whether or not its socket is there") {
  const test::TempDir folder;
  const auto lock = lock_state(folder.path());
  REQUIRE(lock);
  {
    const auto socket = net::StatusSocket::listen(status_place(folder.path()));
    REQUIRE(socket);
    CHECK(std::filesystem::exists(folder.path() / "status.sock"));
  }
  CHECK_FALSE(std::filesystem::exists(folder.path() / "status.sock"));
  const auto second = lock_state(folder.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::kConflict);
}

TEST_CASE("the lock's file has the name that nodes of all versions know") {
  const test::TempDir folder;
  REQUIRE(lock_state(folder.path()));
  CHECK(std::filesystem::exists(folder.path() / "node.lock"));
}

}  // namespace marvel::vpn
