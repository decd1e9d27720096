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
// Each call succeeds once, in this order. Errors are kInput: the server's message makes no sense,
// or would lay more open than the protocol does.
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
  // threshold.
  Result<std::vector<Parcel>> deal(std::vector<OpenKeys> roster, std::size_t place,
                                   std::size_t threshold);
  // `parcels` are those of the others that go on. Masks `numbers` in place.
  Status mask(const std::vector<Parcel>& parcels, std::span<std::uint64_t> numbers);
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

// "SESSION FROM TO": what a sealed parcel is bound to.
[[nodiscard]] std::string parcel_label(const std::string& session, std::size_t from,
                                       std::size_t to);
// The seed of the mask between two members; none for a key that gives no secret.
[[nodiscard]] std::optional<Key> mask_seed(const KeyPair& mine, const Key& other,
                                           const std::string& session);

}  // namespace marvel::federate::secure
