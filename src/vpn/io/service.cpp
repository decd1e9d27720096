#include "vpn/io/service.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <system_error>

#include <grp.h>
#include <pwd.h>

namespace marvel::vpn {
namespace {

Error refused(const std::string& what) {
  return {Errc::kDenied, what + ": " + std::generic_category().message(errno), "", {}};
}

Status give(const std::filesystem::path& state, const passwd& user) {
  bool done = ::chown(state.c_str(), user.pw_uid, user.pw_gid) == 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(state, error)) {
    done = ::lchown(entry.path().c_str(), user.pw_uid, user.pw_gid) == 0 && done;
  }
  if (!done || error) {
    return fail(refused("cannot give the folder '" + state.string() + "' to its user"));
  }
  return {};
}

bool set_capabilities(bool net_admin) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  data[0].effective = data[0].permitted = net_admin ? 1U << CAP_NET_ADMIN : 0U;
  return ::syscall(SYS_capset, &header, data.data()) == 0;
}

}  // namespace

void notify_service(const std::string& state) {
  const char* const place = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe)
  sockaddr_un address{};
  if (place == nullptr || std::strlen(place) >= sizeof address.sun_path) {
    return;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, place, std::strlen(place));
  if (place[0] == '@') {
    address.sun_path[0] = '\0';  // a name that stands in no file system
  }
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    return;
  }
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(place));
  ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&address), size);
}

Result<net::MetricsSocket> open_metrics(const std::optional<Endpoint>& place) {
  return place ? net::MetricsSocket::listen(place->text()) : net::MetricsSocket();
}

void warn_of_restart(const std::vector<std::string>& flags, Context& context) {
  for (const std::string& flag : flags) {
    context.log.warning(flag + " has changed, which counts only after a restart");
  }
}

Fd open_hangup_watch() {
  sigset_t hangup;
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  ::sigprocmask(SIG_BLOCK, &hangup, nullptr);  // NOLINT(concurrency-mt-unsafe)
  return Fd(::signalfd(-1, &hangup, SFD_NONBLOCK | SFD_CLOEXEC));
}

bool drain_hangup_watch(const Fd& watch) {
  signalfd_siginfo info{};
  bool any = false;
  while (::read(watch.get(), &info, sizeof info) == sizeof info) {
    any = true;
  }
  return any;
}

Status become(const std::string& user, const std::filesystem::path& state, bool keep_net_admin) {
  const passwd* const found = ::getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (found == nullptr) {
    return fail(Errc::kUsage, "--user '" + user + "': there is no such user",
                "useradd --system makes one");
  }
  const passwd one = *found;
  MARVEL_TRY_STATUS(give(state, one));
  const bool done = ::prctl(PR_SET_KEEPCAPS, keep_net_admin ? 1 : 0, 0, 0, 0) == 0 &&
                    ::setgroups(0, nullptr) == 0 && ::setgid(one.pw_gid) == 0 &&
                    ::setuid(one.pw_uid) == 0 && set_capabilities(keep_net_admin) &&
                    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (!done) {
    return fail(refused("cannot become the user '" + user + "'"));
  }
  return {};
}

}  // namespace marvel::vpn
