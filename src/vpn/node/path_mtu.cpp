#include "vpn/node/path_mtu.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace marvel::vpn {
namespace {

constexpr unsigned kTries = 3;
constexpr Duration kTryFor = milliseconds(250);
constexpr Duration kAnswerWithin = seconds(6);
constexpr Duration kConfirm = seconds(10);
constexpr Duration kGrow = seconds(30);

// UDP payload of an underlay of 1500, 1400 and 1280 bytes (IPv6, 48 bytes of headers), of half a
// frame.
constexpr std::array<std::size_t, 4> kSizes{1452, 1352, 1232, kSmallestPath};

}  // namespace

std::size_t PathMtu::below(std::size_t size) const {
  const auto found =
      std::find_if(kSizes.begin(), kSizes.end(), [&](std::size_t one) { return one < size; });
  return found == kSizes.end() ? kSmallestPath : *found;
}

std::size_t PathMtu::above(std::size_t size) const {
  std::size_t next = full_;
  for (const std::size_t one : kSizes) {
    if (one > size && one < next) {
      next = one;
    }
  }
  return next;
}

void PathMtu::restart(Time now) {
  found_ = kSmallestPath;
  known_ = false;
  trying_ = full_;
  tries_ = 0;
  confirming_ = false;
  next_ = now;
  grow_ = now + kGrow;
  probes_ = {};
  round_trip_ = {};
}

std::optional<PathMtu::Due> PathMtu::due(Time now, std::uint64_t token) {
  if (now < next_) {
    return std::nullopt;
  }
  if (trying_ == 0) {
    const bool grow = found_ < full_ && now >= grow_;
    trying_ = grow ? above(found_) : found_;
    confirming_ = !grow;
    tries_ = 0;
    grow_ = grow ? now + kGrow : grow_;
  } else if (tries_ >= kTries) {
    // Nothing of this size arrives. What is smaller than the smallest is not looked for.
    if (trying_ == kSmallestPath || (!confirming_ && found_ >= below(trying_))) {
      known_ = known_ && trying_ != kSmallestPath;
      trying_ = 0;
      next_ = now + kConfirm;
      return std::nullopt;
    }
    trying_ = below(trying_);
    found_ = std::min(found_, trying_);
    tries_ = 0;
  }
  ++tries_;
  probes_[next_probe_++ % probes_.size()] = {token, trying_, now};
  next_ = now + std::max<Duration>(kTryFor, 2 * round_trip_);
  return Due{token, trying_};
}

void PathMtu::answered(Time now, std::uint64_t token) {
  const auto probe = std::find_if(probes_.begin(), probes_.end(), [&](const Probe& one) {
    return one.size != 0 && one.token == token && now - one.sent < kAnswerWithin;
  });
  if (probe == probes_.end()) {
    return;
  }
  const std::size_t size = std::exchange(probe->size, 0);
  round_trip_ = now - probe->sent;
  if (size < trying_ || size < found_) {
    return;  // of an earlier question; a larger one is under way or answered
  }
  known_ = true;
  if (size > found_) {
    found_ = size;
    grow_ = now + kGrow;
  }
  trying_ = 0;
  next_ = now + kConfirm;
}

}  // namespace marvel::vpn
