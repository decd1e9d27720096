#pragma once

#include "base/result.hpp"
#include "federate/secure/messages.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace marvel::federate::secure {

// A client's side of one secure sum (Bonawitz et al., "Practical Secure Aggregation", CCS 2017, the
// protocol against an honest but curious server):
//
//   keys     two fresh X25519 key pairs, of the cipher and of the masks
//   shares   a secret seed b; shares of b and of the mask key for every member, sealed for it
//   masked   y = x + PRG(b) + sum_{v after me} PRG(s_uv) - sum_{v before me} PRG(s_uv)
//   unmask   for each member one share: of b if its y has come, of its mask key if not, never both
//
// Each call succeeds once, in this order: keys() (as often as wanted), deal, mask, reveal. Errors
// are kInput: the server's message makes no sense, or would lay more open than the protocol does.
// After an error the caller gives this sum up; the next one needs a new Member, with fresh keys.
//
// Lives as long as its sum, owns all of its secrets and wipes them at its end. Used by one thread.
class Member {
 public:
  // prepare() must have succeeded.
  explicit Member(std::string session);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member();

  [[nodiscard]] const std::string& session() const { return session_; }
  [[nodiscard]] OpenKeys keys() const { return {cipher_.open, mask_.open}; }
  // `place` is ours in the roster, from 1; more than half of it, and two at least, must be the
  // threshold: then two groups of the members cannot both be enough, and what is revealed to one of
  // them never meets what is revealed to the other. Our keys must stand at our place, and nobody's
  // mask key twice. The result has one parcel for each of the others, by place.
  Result<std::vector<Parcel>> deal(std::vector<OpenKeys> roster, std::size_t place,
                                   std::size_t threshold);
  // `parcels` are those of the others that go on, as decode_parcels gives them: threshold - 1 at
  // least. Masks `numbers` in place, modulo 2^64; costs a pass of ChaCha20 over them per parcel,
  // and one for our own seed. After an error they may be half masked and are worth nothing.
  Status mask(const std::vector<Parcel>& parcels, std::span<std::uint64_t> numbers);
  // `survivors`: places in ascending order whose masked updates have come, ours among them, no
  // fewer than the threshold and none whose shares we do not have. Lays open one share per member
  // that goes on.
  Result<std::vector<Reveal>> reveal(const std::vector<std::uint8_t>& survivors);

 private:
  struct Held {
    Key seed{};
    Key mask_key{};
  };
  [[nodiscard]] Result<Held> open(const Parcel& parcel) const;

  std::string session_;
  KeyPair cipher_;
  KeyPair mask_;
  Key seed_{};
  std::vector<OpenKeys> roster_;
  std::size_t place_ = 0;
  std::size_t threshold_ = 0;
  std::map<std::uint8_t, Held> held_;  // shares of those that go on, ours included
  Stage next_ = Stage::kShares;
};

// "SESSION FROM TO": what a sealed parcel is bound to, so that it opens for nobody else, from
// nobody else and in no other sum.
[[nodiscard]] std::string parcel_label(const std::string& session, std::size_t from,
                                       std::size_t to);
// The seed of the mask between two members; none for a key that gives no secret.
[[nodiscard]] std::optional<Key> mask_seed(const KeyPair& mine, const Key& other,
                                           const std::string& session);

}  // namespace marvel::federate::secure
