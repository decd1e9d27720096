#include "vpn/io/packet_threads.hpp"

#include "base/cpus.hpp"

#include <string>

namespace marvel::vpn {
namespace {

// With fewer, the helpers take turns with the programs that use the network.
constexpr int kEnoughCpus = 4;
constexpr int kMost = 3;

}  // namespace

int start_packet_threads(int wanted, UdpSocket& socket, FrameWriter* device, Context& context) {
  const int threads = wanted > 0 ? wanted : usable_cpus() >= kEnoughCpus ? kMost : 1;
  int count = 1;
  const auto note = [&](bool started) {
    if (started) {
      ++count;
    } else {
      context.log.warning("this machine allows no more threads, packets are carried by " +
                          std::to_string(count));
    }
  };
  if (threads > 1) {
    note(socket.start_thread());
  }
  if (threads > 2 && device != nullptr) {
    note(device->start_thread());
  }
  return count;
}

std::optional<Error> failure_of_threads(const UdpSocket& socket, const FrameWriter* device) {
  if (socket.failed()) {
    return Error{Errc::kInternal, "the thread that sends has failed", "", {}};
  }
  if (device != nullptr && device->failed()) {
    return Error{Errc::kInternal, "the thread that writes to the device has failed", "", {}};
  }
  return std::nullopt;
}

}  // namespace marvel::vpn
