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
    place.used = true;
    place.which = which;
    place.session = session;
    place.first = first;
    place.bytes.assign(half.begin(), half.end());
    return std::nullopt;
  }
  other->used = false;
  const Bytes kept = other->bytes;
  const Bytes begin = which == Which::kFirst ? half : kept;
  const Bytes end = which == Which::kFirst ? kept : half;
  joined_.assign(begin.begin(), begin.end());
  joined_.insert(joined_.end(), end.begin(), end.end());
  return Whole{joined_, checksum};
}

}  // namespace marvel::vpn
