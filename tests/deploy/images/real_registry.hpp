#pragma once

#include "base/file.hpp"
#include "deploy/images/registry.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

namespace marvel::test {

// A port that was free a moment ago, below those that the kernel gives to others who ask for any.
inline int free_port() {
  std::random_device random;
  for (int tries = 0; tries < 1000; ++tries) {
    const int sock = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(10000 + random() % 22000));
    const bool free = ::bind(sock, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(sock);
    if (free) {
      return ntohs(address.sin_port);
    }
  }
  FAIL("no port can be bound");
  return 0;
}

// Debian's docker-registry as a process of its own, with data in a folder of its own.
class RealRegistry {
 public:
  RealRegistry() : port_(free_port()) {
    const std::string text =
        "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
        "storage:\n  filesystem: {rootdirectory: " +
        (dir_ / "data").string() +
        "}\n  delete: {enabled: true}\nhttp:\n  addr: 127.0.0.1:" + std::to_string(port_) +
        "\n  secret: of-this-test-only\n";
    REQUIRE(write_file_atomically(dir_ / "registry.yml", text).has_value());
    start();
  }

  // Whether there is one on this machine; says so when there is none.
  static bool is_installed() {
    static const bool kFound = ::access("/usr/bin/docker-registry", X_OK) == 0;
    if (!kFound) {
      MESSAGE("skipped: docker-registry is not installed");
    }
    return kFound;
  }

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] deploy::images::RegistryOptions options() const {
    return {host(), true, {}, std::nullopt};
  }
  [[nodiscard]] deploy::images::Registry client() const { return {options(), never_}; }
  void kill() { child_.reset(); }
  void start() {
    child_ = std::make_unique<Child>(
        std::vector<std::string>{"docker-registry", "serve", (dir_ / "registry.yml").string()});
    for (int i = 0; i < 200; ++i) {
      net::HttpClient http({}, never_);
      if (http.send({.url = "http://" + host() + "/v2/"}).has_value()) {
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL("docker-registry does not start");
  }

 private:
  TempDir dir_;
  int port_;
  StopFlag never_;
  std::unique_ptr<Child> child_;
};

}  // namespace marvel::test
