#pragma once

#include "vpn/constants.hpp"
#include "vpn/wire/control.hpp"

namespace marvel::vpn {

// A train of packets as it comes in: see TrainAsk. Keeps one entry per moment at which something
// came, so at most kMostTrainPackets.
//
// What the first packets tell is wrong where a link lets bursts through, so report() looks at the
// later half of the bytes: how many came after the moment at which half of them were there, and in
// how long. Packets that one system call brought count as one moment, because nothing tells them
// apart. With few moments, when the later half would be a single one, the whole train counts.
class TrainArrival {
 public:
  // A train of this token is waited for; what is left of another one counts no more.
  void expect(Time now, std::uint64_t token);
  // A packet of `bytes` of text. One of another token than the one waited for begins anew when
  // `anyone` may send trains, and is left alone else. Packets may be lost or come in any order.
  void add(Time now, const Train& packet, std::size_t bytes, bool anyone);

  [[nodiscard]] std::uint64_t token() const { return token_; }
  // The packet with the last number came; others of the train may be lost or still under way.
  [[nodiscard]] bool whole() const { return whole_; }
  // When something of it came last, or since when it is waited for.
  [[nodiscard]] Time last() const { return last_; }
  [[nodiscard]] bool empty() const { return moments_.empty(); }
  // `packets` are all that came; `bytes` and `span_us` are those of the part that counts. All zero
  // but the token when nothing came.
  [[nodiscard]] TrainReport report() const;

 private:
  struct Moment {
    Time at{};
    std::uint64_t bytes = 0;  // so far, this moment's included
  };

  std::uint64_t token_ = 0;
  std::uint16_t packets_ = 0;
  bool whole_ = false;
  Time last_{};
  std::vector<Moment> moments_;
};

// Bytes per second of a report, as text of sealed packets; nothing when it was faster than can be
// told.
std::optional<double> speed_of(const TrainReport& report);

}  // namespace marvel::vpn
