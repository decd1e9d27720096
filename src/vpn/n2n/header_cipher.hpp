#pragma once

#include "vpn/n2n/message.hpp"
#include "vpn/n2n/speck.hpp"

namespace marvel::vpn::n2n {

// n2n's encryption of headers (its option -H), in place. The key is the community's name, so it
// hides the header from those who do not know the name and protects nothing else. The check sum
// over the whole datagram has no key.
//
// The name itself is not sent: a receiver tries the ciphers of all communities that it serves, and
// the one that opens tells which it is. The layout is in docs/formats/vpn-n2n.md, "Encrypted
// header"; in place of the name stand the counter block and the header's size, so a datagram does
// not grow. cover.hpp chooses between this and clear headers.
//
// Calls may run in parallel. Making one costs the key schedules of two SPECK keys.
class HeaderCipher {
 public:
  // With the key that follows from the name: pearson_128 of its block, and of that once more for
  // the counter block.
  explicit HeaderCipher(const Community& community);
  // With a key that only users of the community know: dynamic_key() of user_key.hpp.
  HeaderCipher(const Community& community, const Block<16>& key);

  // Encrypts the first `header` bytes (at least 24, at most all) of a clear datagram. `salt` is
  // drawn at random for each. The check sum is taken over all of the datagram as it is: the payload
  // is complete by then.
  void seal(MutableBytes datagram, std::size_t header, std::uint64_t stamp,
            std::uint32_t salt) const;

  // Turns the datagram into its clear form and gives its stamp; nothing, with the bytes as they
  // were, for what no member of the community has sealed. One of another community nearly always
  // costs 256 bytes of key stream and no more: it is given up when the size of its header makes no
  // sense.
  [[nodiscard]] std::optional<std::uint64_t> open(MutableBytes datagram) const;

 private:
  HeaderCipher(const Community& community, Bytes key);

  Community community_;
  // The key stream over the header, and the one block in front of it.
  Speck header_;
  Speck iv_;
};

}  // namespace marvel::vpn::n2n
