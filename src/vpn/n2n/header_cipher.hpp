#pragma once

#include "vpn/n2n/message.hpp"
#include "vpn/n2n/speck.hpp"

namespace marvel::vpn::n2n {

// n2n's encryption of headers (its option -H), in place. The key is the community's name, so it
// hides the header from those who do not know the name and protects nothing else.
// The check sum over the whole datagram has no key.
class HeaderCipher {
 public:
  explicit HeaderCipher(const Community& community);
  // With a key that only users of the community know.
  HeaderCipher(const Community& community, const Block<16>& key);

  // Encrypts the first `header` bytes (at least 24, at most all) of a clear datagram.
  // `salt` is drawn at random for each.
  void seal(MutableBytes datagram, std::size_t header, std::uint64_t stamp,
            std::uint32_t salt) const;

  // Turns the datagram into its clear form and gives its stamp; nothing, with the bytes as they
  // were, for what no member of the community has sealed.
  [[nodiscard]] std::optional<std::uint64_t> open(MutableBytes datagram) const;

 private:
  HeaderCipher(const Community& community, Bytes key);

  Community community_;
  Speck header_;
  Speck iv_;
};

}  // namespace marvel::vpn::n2n
