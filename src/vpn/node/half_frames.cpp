#include "vpn/node/half_frames.hpp"

#include <algorithm>

namespace marvel::vpn {

std::optional<HalfFrames::Whole> HalfFrames::add(Which which, std::uint32_t session,
                                                 std::uint64_t counter, Bytes half,
                                                 const PartialChecksum& checksum) {
  const std::uint64_t first = which == Which::kFirst ? counter : counter - 1;
  const auto other = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
    return one.used && one.session == session && one.first == first && one.which != which;
  });
  if (other == waiting_.end()) {
    Waiting& place = waiting_[next_++ % waiting_.size()];
    place = {true, which, session, first, {half.begin(), half.end()}};
    return std::nullopt;
  }
  other->used = false;
  Whole whole{std::move(other->bytes), checksum};
  const auto at = which == Which::kFirst ? whole.frame.begin() : whole.frame.end();
  whole.frame.insert(at, half.begin(), half.end());
  return whole;
}

}  // namespace marvel::vpn
