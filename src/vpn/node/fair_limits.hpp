#pragma once

#include "vpn/node/token_bucket.hpp"
#include "vpn/wire/endpoint.hpp"

#include <algorithm>
#include <map>

namespace marvel::vpn {

// Of many who ask for something that costs, each gets its share and takes nothing from the others:
// a token bucket for each one, forgotten once it must be full again.
template <class Key>
class FairLimits {
 public:
  // Each may ask `rate` times a second and `burst` times at once; beyond `most` who asked lately
  // nobody new may.
  FairLimits(double rate, double burst, std::size_t most)
      : rate_(rate), burst_(burst), most_(most) {}

  bool take(Time now, const Key& who) {
    auto known = buckets_.find(who);
    if (known == buckets_.end()) {
      if (buckets_.size() >= most_) {
        return false;
      }
      known = buckets_.emplace(who, Asked{TokenBucket(rate_, burst_), now}).first;
    }
    known->second.last = now;
    return known->second.bucket.take(now);
  }
  // At least each few seconds.
  void sweep(Time now) {
    const std::chrono::duration<double> fills(burst_ / rate_);
    std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.last > fills; });
  }
  [[nodiscard]] std::size_t size() const { return buckets_.size(); }

 private:
  struct Asked {
    TokenBucket bucket;
    Time last{};
  };
  double rate_;
  double burst_;
  std::size_t most_;
  std::map<Key, Asked> buckets_;
};

// By what a place of the underlay counts: IPv4 by its address, IPv6 by the network of 64 bits,
// which one machine may have for itself.
inline Block<16> source_of(const Endpoint& place) {
  Block<16> source = place.address;
  if (!place.is_ipv4()) {
    std::fill(source.begin() + 8, source.end(), std::uint8_t{0});
  }
  return source;
}

}  // namespace marvel::vpn
