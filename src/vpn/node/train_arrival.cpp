// What the first packets tell is wrong where a link lets bursts through, so only the later half of
// the bytes counts: those that came after the moment at which half of them were there.
#include "vpn/node/train_arrival.hpp"

#include <algorithm>

namespace marvel::vpn {

void TrainArrival::expect(Time now, std::uint64_t token) {
  token_ = token;
  packets_ = 0;
  whole_ = false;
  last_ = now;
  moments_.clear();
}

void TrainArrival::add(Time now, const Train& packet, std::size_t bytes, bool anyone) {
  if (packet.token != token_) {
    if (!anyone) {
      return;
    }
    expect(now, packet.token);
  }
  if (packets_ >= kMostTrainPackets) {
    return;
  }
  ++packets_;
  whole_ = whole_ || packet.number + 1 == packet.packets;
  last_ = now;
  const std::uint64_t before = moments_.empty() ? 0 : moments_.back().bytes;
  if (moments_.empty() || moments_.back().at != now) {
    moments_.push_back({now, before});
  }
  moments_.back().bytes = before + bytes;
}

TrainReport TrainArrival::report() const {
  TrainReport report{token_, packets_, 0, 0};
  if (moments_.empty()) {
    return report;
  }
  const std::uint64_t all = moments_.back().bytes;
  const auto half = std::find_if(moments_.begin(), moments_.end(),
                                 [all](const Moment& one) { return one.bytes * 2 >= all; });
  // With few moments the later half may be a single one: then the whole train counts.
  const Moment& from = half->at == moments_.back().at ? moments_.front() : *half;
  report.bytes = static_cast<std::uint32_t>(all - from.bytes);
  report.span_us = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(moments_.back().at - from.at).count());
  return report;
}

std::optional<double> speed_of(const TrainReport& report) {
  constexpr double kMicro = 1e-6;
  if (report.span_us == 0) {
    return std::nullopt;
  }
  return report.bytes / (report.span_us * kMicro);
}

}  // namespace marvel::vpn
