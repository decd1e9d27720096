#include "federate/server/lookout.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace marvel::federate {

std::optional<net::StatusPlace> control_place(const std::string& checkpoint,
                                              const std::string& control) {
  if (!control.empty()) {
    return net::StatusPlace{control, "server", "the control socket '" + control + "'", "--control"};
  }
  if (!checkpoint.empty()) {
    return net::StatusPlace{std::filesystem::path(checkpoint) / "status.sock", "server",
                            "the checkpoint folder '" + checkpoint + "'", "--checkpoint"};
  }
  return std::nullopt;
}

void Lookout::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(bell_.get(), &one, sizeof one);
    thread_.join();
  }
}

Status Lookout::open(const std::optional<net::StatusPlace>& place, const std::string& metrics) {
  if (!metrics.empty()) {
    MARVEL_TRY(metrics_, net::MetricsSocket::listen(metrics));
  }
  if (place) {
    MARVEL_TRY(status_, net::StatusSocket::listen(*place));
  }
  return {};
}

void Lookout::start(Look look) {
  if (status_.fd() < 0 && !metrics_.is_open()) {
    return;
  }
  look_ = std::move(look);
  bell_ = Fd(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Lookout::run(const std::stop_token& stop) {
  std::array<pollfd, 3> events{{{bell_.get(), POLLIN, 0},  // poll passes over descriptors below 0
                                {status_.fd(), POLLIN, 0},
                                {metrics_.fd(), POLLIN, 0}}};
  while (!stop.stop_requested()) {
    ::poll(events.data(), events.size(), -1);
    if (stop.stop_requested()) {
      return;
    }
    if (events[1].revents != 0) {
      status_.answer(status_json(look_()));
    }
    if (events[2].revents != 0) {
      metrics_.answer(metrics_text(look_()));
    }
  }
}

}  // namespace marvel::federate
