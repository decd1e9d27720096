#include "federate/wire/chunks.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace marvel::federate::wire {
namespace {

constexpr unsigned char kMark = 0xD6;
constexpr char kVersion = 1;
constexpr std::size_t kHead = 10;
constexpr std::size_t kMostParts = 65536;  // each costs memory beside its bytes
// A part of fewer bytes is copied: what it came in may keep a whole buffer of the network alive.
constexpr std::size_t kSmallPart = 65536;

std::string head_of(std::uint64_t total) {
  std::string head{static_cast<char>(kMark), kVersion};
  for (unsigned shift = 0; shift < 64; shift += 8) {
    head += static_cast<char>(total >> shift & 0xffU);
  }
  return head;
}

bool is_part(const Bytes& bytes) {
  char first = 0;
  if (bytes.size() > 0) {
    bytes.copy(0, 1, &first);
  }
  return static_cast<unsigned char>(first) == kMark;
}

// 0 when it is no part of a message.
std::uint64_t total_of(const Bytes& part) {
  if (part.size() <= kHead || part.text(1, 1)[0] != kVersion) {
    return 0;
  }
  std::uint64_t total = 0;
  const std::string head = part.text(2, kHead - 2);
  for (std::size_t i = 0; i < head.size(); ++i) {
    total |= std::uint64_t{static_cast<unsigned char>(head[i])} << (8 * i);
  }
  return total;
}

}  // namespace

std::vector<Bytes> split(const Bytes& message, std::size_t limit) {
  if (message.size() <= limit) {
    return {message};
  }
  std::vector<Bytes> parts;
  for (std::size_t begin = 0; begin < message.size(); begin += limit) {
    Bytes part = Bytes::from(head_of(message.size()));
    part.append(message.sub(begin, std::min(limit, message.size() - begin)));
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<std::optional<Bytes>> ChunkJoiner::add(Bytes part) {
  if (!is_part(part) && total_ == 0) {
    return std::optional(std::move(part));
  }
  const std::uint64_t total = is_part(part) ? total_of(part) : 0;
  const std::uint64_t payload = part.size() - std::min(part.size(), kHead);
  if (total > longest_) {
    clear();
    return fail(Errc::kInput, "a message in parts announces more bytes than are expected");
  }
  const bool continues = total != 0 && (total_ == 0 || total == total_) &&
                         payload <= total - whole_.size() && parts_ < kMostParts;
  if (!continues) {
    clear();
    return fail(Errc::kInput, "a part of its message does not continue the one before");
  }
  total_ = total;
  ++parts_;
  whole_.append(payload < kSmallPart ? Bytes::from(part.text(kHead, payload))
                                     : part.sub(kHead, payload));
  if (whole_.size() < total_) {
    return std::optional<Bytes>();
  }
  Bytes whole = std::move(whole_);
  clear();
  return std::optional(std::move(whole));
}

void ChunkJoiner::clear() {
  whole_ = {};
  total_ = 0;
  parts_ = 0;
}

}  // namespace marvel::federate::wire
