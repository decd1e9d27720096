#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/n2n/message.hpp"
#include "vpn/n2n/speck.hpp"

#include <string>

namespace marvel::vpn::n2n {

// n2n's authentication by user and password: docs/formats/vpn-n2n.md. An edge's secret key follows
// from its user's name and password, a super node's from the name of its federation; by X25519 they
// have a key in common. Passwords go through a hash that is fast and has no salt, so whoever sees a
// public key or a registration can try passwords: only long ones of chance are worth it.
//
//   edge                                        super node
//   user_key(name, password)                    federation_key(federation)
//   SharedKey::of(mine, federation's public)    SharedKey::of(mine, user's public)
//   ask(my public, challenge)            ->     answer(asked, dynamic_key(..))
//   learn(challenge, answered)           <-
//
// The key that is learned encrypts the headers of all that is no registration (cover.hpp).
// Functions are pure and may be called from any thread.

// Auth::scheme of a registration by user and password.
inline constexpr std::uint16_t kUserPassword = 2;
// The name where none is given. Everybody knows it, so whoever likes is a super node of it.
inline constexpr std::string_view kDefaultFederation = "Federation";
// Bytes of a user's name: as many as a Description holds.
inline constexpr std::size_t kLongestUser = 15;

// Of a federation with this name, without '*'; the name is a secret therefore.
Secret federation_key(std::string_view name);
Secret user_key(std::string_view user, std::string_view password);
// n2n's, which is not that of X25519: its base point has its bytes the other way round. For either
// kind of secret; all zeros where the product is a point of small order.
PublicKey public_key(const Secret& key);

// n2n's text form of bytes: six bits a character, the last ones zero; 43 characters for a key. What
// 'marvel vpn pubkey' prints and the file of communities holds.
std::string key_text(Bytes bytes);
// Nothing for what is no text form of a public key. Each key has one form: 43 characters, the spare
// bits of the last one zero.
std::optional<PublicKey> parse_key_text(std::string_view text);

// The key of a community's headers but for those of registrations, for as long as the federation
// keeps `key_time` (seconds since 1970). `federation` with its '*'. All super nodes of one
// federation work out the same one; edges are told it.
Block<16> dynamic_key(const Community& community, const Community& federation,
                      std::uint32_t key_time);
// "*NAME"; nothing for a name that is empty or has more than 18 bytes.
std::optional<Community> federation_of(std::string_view name);

// What one user and the super nodes of a federation have in common. A value; its secret is wiped at
// the end, the cipher made of it is not. Calls may run in parallel.
class SharedKey {
 public:
  // Nothing for a point of small order, which would make a key that everybody knows.
  static std::optional<SharedKey> of(const Secret& mine, const PublicKey& other);

  // What follows a registration or its answer, from the hash of the datagram with its header
  // encrypted.
  [[nodiscard]] Block<16> trailer(const Block<16>& hash) const { return cipher_.encrypt(hash); }
  // The edge's part of a registration, with a challenge of chance.
  [[nodiscard]] Auth ask(const PublicKey& mine, const Block<16>& challenge) const;
  // A super node's answer, from which only this user learns the dynamic key. `asked` is one that
  // names_user() and, by its trailer, comes from this user.
  [[nodiscard]] Auth answer(const Auth& asked, const Block<16>& dynamic) const;
  // The dynamic key in an answer; nothing when it does not answer this challenge, which the edge
  // drew for the registration that it sent last.
  [[nodiscard]] std::optional<Block<16>> learn(const Block<16>& challenge,
                                               const Auth& answer) const;

 private:
  explicit SharedKey(const Secret& secret);

  Secret secret_;
  Speck cipher_;
};

// Whether this is a registration by user and password, as to its form: nothing is proven by it.
bool names_user(const Auth& auth);
// The public key in it; zeros when it names no user.
PublicKey user_in(const Auth& auth);
// Whether both come from one edge: the same simple id, or the same user.
bool same_owner(const Auth& one, const Auth& other);

}  // namespace marvel::vpn::n2n
