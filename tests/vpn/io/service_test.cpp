#include "vpn/io/service.hpp"

#include "support/temp_dir.hpp"
#include "vpn/support.hpp"

#include <csignal>
#include <sys/socket.h>
#include <sys/un.h>

namespace marvel::vpn {

TEST_CASE("the service manager hears that a node is ready") {
  const test::TempDir folder;
  const std::string path = (folder.path() / "socket").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  notify_service("READY=1");
  ::unsetenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe)
  char text[32] = {};
  CHECK(::recv(socket.get(), text, sizeof text, 0) == 7);
  CHECK(std::string(text) == "READY=1");
}

TEST_CASE("a hang-up is read and ends nothing") {
  const Fd watch = open_hangup_watch();
  REQUIRE(watch.is_open());
  CHECK_FALSE(drain_hangup_watch(watch));
  ::raise(SIGHUP);
  CHECK(drain_hangup_watch(watch));
  CHECK_FALSE(drain_hangup_watch(watch));
}

TEST_CASE("a user that does not exist is named") {
  const Status done = become("nobody-of-this-name", "/tmp", false);
  REQUIRE_FALSE(done);
  CHECK(done.error().message.find("nobody-of-this-name") != std::string::npos);
}

}  // namespace marvel::vpn
