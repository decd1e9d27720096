#pragma once

#include "vpn/constants.hpp"

#include <array>
#include <optional>

namespace marvel::vpn {

// How large a datagram a path takes (RFC 8899 in short): padded probes with "don't fragment" go
// out, and only one that is answered counts. Nothing is believed of ICMP, which anybody can forge
// and many firewalls drop.
//
// From a few sizes, largest first, each is tried three times, 250 ms apart, or two round trips
// where these take longer. How long they take the first answer tells, so every answer counts that
// comes within seconds, whatever is being tried by then. While nothing is known, the smallest
// counts. A size that was found is tried again each 10 s, so that a path that shrank is noticed,
// and half a minute later the next larger one.
//
//   sizes: `full`, then 1452, 1352, 1232, 768 as far as they are below it
//
// The owner restarts it with each new path, asks due() at each tick while frames flow, sends a
// PathProbe of that size, and passes on the tokens that come back. Where nothing at all is answered
// size() stays kSmallestPath and is_known() false: frames then go in halves, and are not stopped.
// One thread.
class PathMtu {
 public:
  // `full`: the largest datagram that this node would send, in bytes of UDP payload.
  explicit PathMtu(std::size_t full) : full_(full) {}

  // The path is another one now.
  void restart(Time now);
  struct Due {
    std::uint64_t token = 0;
    std::size_t size = 0;  // bytes of UDP payload
  };
  // The probe to send now; `token` is a fresh random number for it.
  std::optional<Due> due(Time now, std::uint64_t token);
  // The other side has answered the probe of this token; without effect for another one.
  void answered(Time now, std::uint64_t token);

  // Largest UDP payload that arrives, as far as is known.
  [[nodiscard]] std::size_t size() const { return found_; }
  // Whether that is what the path takes: a probe was answered, and a larger one would have been.
  [[nodiscard]] bool is_known() const { return known_; }

 private:
  // The next size down or up; kSmallestPath and `full` are the ends.
  [[nodiscard]] std::size_t below(std::size_t size) const;
  [[nodiscard]] std::size_t above(std::size_t size) const;

  std::size_t full_;
  std::size_t found_ = kSmallestPath;
  bool known_ = false;
  std::size_t trying_ = 0;  // 0: not under way
  unsigned tries_ = 0;
  struct Probe {
    std::uint64_t token = 0;
    std::size_t size = 0;  // 0: answered, or none
    Time sent{};
  };
  std::array<Probe, 16> probes_;  // the last ones
  std::size_t next_probe_ = 0;
  Duration round_trip_{};    // of the last answer; 0 before the first
  bool confirming_ = false;  // what was found before, not something larger
  Time next_{};
  Time grow_{};
};

}  // namespace marvel::vpn
