#include "net/unix_socket.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <sys/socket.h>

#include <doctest/doctest.h>

namespace marvel::net {

TEST_CASE("one who connects is heard, and only the user may") {
  const test::TempDir folder;
  const auto path = folder / "s";
  const auto listening = listen_unix(path, "--state");
  REQUIRE(listening);
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms::owner_all);
  const auto client = connect_unix(path, "--state");
  REQUIRE(client);
  REQUIRE(client->is_open());
  CHECK(send_unix(client->get(), "hello"));
  const Fd accepted(::accept(listening->get(), nullptr, nullptr));
  char text[8] = {};
  CHECK(::recv(accepted.get(), text, sizeof text, 0) == 5);
  CHECK(std::string(text) == "hello");
}

TEST_CASE("a socket that a killed program has left is replaced") {
  const test::TempDir folder;
  const auto path = folder / "s";
  REQUIRE(listen_unix(path, "--state"));  // closed at once, and its file stays
  const auto none = connect_unix(path, "--state");
  REQUIRE(none);
  CHECK_FALSE(none->is_open());
  const auto again = listen_unix(path, "--state");
  REQUIRE(again);
  CHECK(connect_unix(path, "--state")->is_open());
}

TEST_CASE("a file that is no socket is not replaced, and neither is a link to one that is") {
  const test::TempDir folder;
  const auto path = folder / "notes.txt";
  REQUIRE(write_file_atomically(path, "mine"));
  const auto listening = listen_unix(path, "--control");
  REQUIRE_FALSE(listening);
  CHECK(listening.error().code == Errc::kInput);
  CHECK(listening.error().message == "'" + path.string() + "' is there and is no socket");
  CHECK(listening.error().hint == "name another file with --control");
  CHECK(*read_file(path) == "mine");
  REQUIRE(listen_unix(folder / "s", "--control"));
  std::filesystem::create_symlink(folder / "s", folder / "link");
  CHECK(listen_unix(folder / "link", "--control").error().code == Errc::kInput);
  CHECK(std::filesystem::is_symlink(folder / "link"));
}

TEST_CASE("one that does not read, or is gone, does not hold up who sends") {
  const test::TempDir folder;
  const auto path = folder / "s";
  const auto listening = listen_unix(path, "--state");
  REQUIRE(listening);
  auto client = connect_unix(path, "--state");
  REQUIRE(client);
  const Fd accepted(::accept(listening->get(), nullptr, nullptr));
  CHECK_FALSE(send_unix(accepted.get(), std::string(20U << 20U, 'x')));
  {
    const Fd gone(std::move(*client));
  }
  CHECK_FALSE(send_unix(accepted.get(), "x"));
}

TEST_CASE("a path that no socket can have is told with the flag that chooses it") {
  const std::string path(200, 'x');
  const auto listening = listen_unix(path, "--control");
  REQUIRE_FALSE(listening);
  CHECK(listening.error().code == Errc::kInput);
  CHECK(listening.error().hint == "choose a shorter --control");
  CHECK(connect_unix(path, "--control").error().code == Errc::kInput);
  CHECK(listen_unix("/none/s", "--control").error().code == Errc::kUnavailable);
}

}  // namespace marvel::net
