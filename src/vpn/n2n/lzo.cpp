#include "vpn/n2n/lzo.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::size_t kFirstRun = 17;           // a first byte above it is a run of that many less
constexpr std::size_t kFarthest = 0x4000;       // distance 0 beyond it: the end of the stream
constexpr std::size_t kBehindLiterals = 0x801;  // how far a match at once behind a run starts
constexpr std::uint8_t kLongRun = 4;   // literals before this instruction: so many, or more
constexpr std::uint8_t kTrailing = 3;  // bits that count the literals behind a match

class Decoder {
 public:
  Decoder(Bytes packed, MutableBytes room) : in_(packed), out_(room) {}

  std::optional<std::size_t> run() {
    if (!in_.empty() && in_[0] > kFirstRun) {
      const std::size_t count = next() - kFirstRun;
      literals(count);
      before_ = static_cast<std::uint8_t>(std::min<std::size_t>(count, kLongRun));
    }
    while (good_ && !ended_) {
      step(next());
    }
    return good_ && read_ == in_.size() ? std::optional(written_) : std::nullopt;
  }

 private:
  std::uint8_t next() {
    if (read_ == in_.size()) {
      good_ = false;
      return 0;
    }
    return in_[read_++];
  }

  // A length whose bits are all zero goes on behind its instruction: 255 for each byte of zero.
  std::size_t length(std::size_t bits, std::size_t mask) {
    if ((bits & mask) != 0) {
      return bits & mask;
    }
    std::size_t sum = mask;
    while (good_) {
      const std::size_t more = next();
      if (more != 0) {
        return sum + more;
      }
      sum += 255;
    }
    return 0;
  }

  void literals(std::size_t count) {
    if (count > in_.size() - read_ || count > out_.size() - written_) {
      good_ = false;
      return;
    }
    std::copy_n(in_.begin() + static_cast<std::ptrdiff_t>(read_), count,
                out_.begin() + static_cast<std::ptrdiff_t>(written_));
    read_ += count;
    written_ += count;
  }

  // Byte by byte: a match may overlap what it makes. Up to three literals follow.
  void match(std::size_t distance, std::size_t count, std::uint8_t trailing) {
    if (!good_ || distance > written_ || count > out_.size() - written_) {
      good_ = false;
      return;
    }
    for (; count > 0; --count, ++written_) {
      out_[written_] = out_[written_ - distance];
    }
    before_ = trailing & kTrailing;
    literals(before_);
  }

  // Distance and trailing literals stand in two bytes behind the length.
  void far_match(std::size_t base, std::size_t count) {
    const std::uint8_t low = next();
    const std::size_t distance = base + (low >> 2U) + (std::size_t{next()} << 6U);
    if (good_ && distance == kFarthest) {
      ended_ = true;
      good_ = count == 3;
      return;
    }
    match(distance, count, low);
  }

  void short_step(std::uint8_t code) {
    if (before_ == 0) {
      literals(length(code, 15) + 3);
      before_ = kLongRun;
      return;
    }
    const std::size_t distance = (code >> 2U) + (std::size_t{next()} << 2U);
    if (before_ == kLongRun) {
      return match(distance + kBehindLiterals, 3, code);
    }
    match(distance + 1, 2, code);
  }

  void step(std::uint8_t code) {
    if (code < 16) {
      return short_step(code);
    }
    if (code < 32) {
      const std::size_t count = length(code, 7) + 2;
      return far_match(kFarthest + (static_cast<std::size_t>(code & 8U) << 11U), count);
    }
    if (code < 64) {
      const std::size_t count = length(code, 31) + 2;
      return far_match(1, count);
    }
    const std::size_t count = (code >> 5U) + 1U;  // 3 and 4, or 5 to 8
    match(((code >> 2U) & 7U) + (std::size_t{next()} << 3U) + 1, count, code);
  }

  Bytes in_;
  MutableBytes out_;
  std::size_t read_ = 0;
  std::size_t written_ = 0;
  std::uint8_t before_ = 0;  // literals that the last instruction ended with
  bool ended_ = false;
  bool good_ = true;
};

}  // namespace

std::optional<std::size_t> unpack_lzo(Bytes packed, MutableBytes room) {
  return Decoder(packed, room).run();
}

}  // namespace marvel::vpn::n2n
