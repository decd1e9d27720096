#pragma once

#include "vpn/node/token_bucket.hpp"
#include "vpn/wire/endpoint.hpp"

#include <algorithm>
#include <map>

namespace marvel::vpn {

// Of many who ask for something that costs, each gets its share and takes nothing from the others:
// a token bucket for each one, forgotten once it must be full again.
//
//   FairLimits<Block<16>> callers(20, 100, 4096);
//   if (!callers.take(now, source_of(from))) { return; }   // before the costly part
//
// `Key` says who counts as one, and has an order. It must cost something to be another one: an
// address that can be made up is first made to prove itself (CookieJar). One thread.
template <class Key>
class FairLimits {
 public:
  // Each may ask `rate` times a second and `burst` times at once; beyond `most` who asked lately
  // nobody new may. So memory is bounded, and those who are known are not touched by a crowd.
  FairLimits(double rate, double burst, std::size_t most)
      : rate_(rate), burst_(burst), most_(most) {}

  // Whether `who` may now; if so it counts. Takes time that grows with the logarithm of how many
  // are known.
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
  // At least each few seconds. Looks at all who are known, and forgets who would have a full
  // bucket: whether one of them is remembered or not makes no difference to it.
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
  // At most most_ of them; a full table turns away who is new and displaces nobody.
  std::map<Key, Asked> buckets_;
};

// By what a place of the underlay counts: IPv4 by its address, IPv6 by the network of 64 bits,
// which one machine may have for itself. Ports do not matter: a machine has 65,535 of them, and all
// nodes behind one NAT share its address and its limit.
inline Block<16> source_of(const Endpoint& place) {
  Block<16> source = place.address;
  if (!place.is_ipv4()) {
    std::fill(source.begin() + 8, source.end(), std::uint8_t{0});
  }
  return source;
}

}  // namespace marvel::vpn
