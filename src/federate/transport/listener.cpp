#include "federate/transport/listener.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <netdb.h>

namespace marvel::federate {
namespace {

constexpr int kBacklog = 4096;  // a thousand clients may come back at once

struct Place {
  std::string host;
  std::string port;
};

Place split(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return {host, address.substr(colon + 1)};
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<Addresses> resolve(const Place& place) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &found);
  if (code != 0) {
    return fail(Errc::kUnavailable, fmt::format("cannot listen on {}:{}: {}", place.host,
                                                place.port, ::gai_strerror(code)));
  }
  return Addresses(found, &::freeaddrinfo);
}

void switch_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof(value));
}

// -1 with errno when it cannot be had.
int listening_socket(const addrinfo& address) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) {
    return -1;
  }
  switch_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ai_family == AF_INET6) {
    switch_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  if (::bind(socket, address.ai_addr, address.ai_addrlen) == 0 && ::listen(socket, kBacklog) == 0) {
    return socket;
  }
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

int port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// 0 leaves it as it was asked for.
void set_port(addrinfo& address, int port) {
  if (port > 0 && address.ai_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address.ai_addr)->sin6_port =
        htons(static_cast<std::uint16_t>(port));
  } else if (port > 0) {
    reinterpret_cast<sockaddr_in*>(address.ai_addr)->sin_port =
        htons(static_cast<std::uint16_t>(port));
  }
}

int bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  return ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? port_of(address)
                                                                                  : 0;
}

// As the network library tells its peers: an IPv4 client of an IPv6 socket as what it is, one of
// this link alone with the number of its interface.
std::string peer_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), port_of(address));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  const std::string name = text.data();
  constexpr std::string_view kMapped = "::ffff:";
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    return fmt::format("{}:{}", name.substr(kMapped.size()), port_of(address));
  }
  const std::string scope = v6.sin6_scope_id == 0 ? "" : fmt::format("%{}", v6.sin6_scope_id);
  return fmt::format("[{}{}]:{}", name, scope, port_of(address));
}

// Numbers are given from the lowest on.
bool is_of_reserve(int descriptor) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
         static_cast<rlim_t>(descriptor) + Listener::kReserve >= limit.rlim_cur;
}

}  // namespace

Listener::~Listener() {
  if (thread_.joinable()) {
    thread_.request_stop();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(bell_, &one, sizeof(one));
    thread_.join();
    ::close(bell_);
  }
  for (const int socket : sockets_) {
    ::close(socket);
  }
}

Status Listener::open(const std::string& address) {
  Place place = split(address);
  auto found = resolve(place);
  if (!found && place.host == "::") {  // a machine without IPv6
    place.host = "0.0.0.0";
    found = resolve(place);
  }
  if (!found) {
    return fail(std::move(found.error()));
  }
  int error = 0;
  for (addrinfo* one = found->get(); one != nullptr; one = one->ai_next) {  // localhost has two
    set_port(*one, port_);
    const int socket = listening_socket(*one);
    if (socket >= 0) {
      sockets_.push_back(socket);
      port_ = bound_port(socket);
    } else {
      error = errno;
    }
  }
  if (sockets_.empty() && place.host == "::" && error == EAFNOSUPPORT) {
    return open("0.0.0.0:" + place.port);
  }
  if (sockets_.empty()) {
    return fail(Errc::kUnavailable,
                fmt::format("cannot listen on {}: {}", address,
                            std::error_code(error, std::generic_category()).message()),
                "is the port taken, or the address of another machine?");
  }
  return {};
}

void Listener::start(Accepted accepted) {
  accepted_ = std::move(accepted);
  bell_ = ::eventfd(0, EFD_CLOEXEC);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Listener::run(const std::stop_token& stop) {
  std::vector<pollfd> events{{bell_, POLLIN, 0}};
  for (const int socket : sockets_) {
    events.push_back({socket, POLLIN, 0});
  }
  while (!stop.stop_requested()) {
    ::poll(events.data(), events.size(), -1);
    for (const int socket : sockets_) {
      accept_one(socket);
    }
  }
}

void Listener::accept_one(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  const int client =
      ::accept4(socket, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client >= 0 && is_of_reserve(client)) {
    turned_away_ = true;
    ::close(client);  // the client tries again
  } else if (client >= 0) {
    switch_option(client, IPPROTO_TCP, TCP_NODELAY, 1);
    accepted_(client, peer_text(address));
  } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // others must go first
  }
}

}  // namespace marvel::federate
