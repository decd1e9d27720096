#pragma once

#include "base/result.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/node/node_id.hpp"
#include "vpn/offload/ipv6.hpp"
#include "vpn/offload/segmenter.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>
#include <vector>

namespace marvel::vpn {

// A TAP device of Linux with the offloads of a network card, as far as the kernel has them:
// checksums, and big frames of TCP and UDP that are cut by whoever reads them (TUN_F_TSO4,
// TUN_F_TSO6, USO). Frames have a virtio_net_hdr in front (offload/tap_header.hpp), which this
// class takes off and puts on.
//
// The device is there as long as this object, and down until configure(). One thread at a time, but
// for write(), which another one may call meanwhile.
class Tap {
 public:
  // A device of this name; "%d" in it is a number that the kernel finds. `mtu` in bytes of an IP
  // packet. kDenied without CAP_NET_ADMIN, or for a name that is taken; kUnsupported without
  // /dev/net/tun.
  static Result<Tap> open(const std::string& name, const Mac& mac, std::size_t mtu);

  // Gives it the address and puts it up. Again when the address changes: the new one takes the
  // place of the old one. kDenied when the kernel refuses.
  Status configure(Ipv4 address, unsigned bits);
  // The same for IPv6, beside the IPv4 address. False where the machine has no IPv6, which is no
  // failure.
  bool configure(const Ipv6& address, unsigned bits);
  // What goes to this network goes through the device. Called after configure(). kDenied when the
  // kernel refuses; a route that is there already, or to be removed and not there, is as it should
  // be.
  Status add_route(const Subnet& network);
  Status remove_route(const Subnet& network);

  // A frame that was read: the Ethernet frame and what the kernel says of it. A big one is cut by
  // Segmenter.
  struct Frame {
    Bytes bytes;  // until the next read
    FrameInfo info;
  };
  // The next frame; nothing when there is none now. `broken` tells of a device that is gone. A
  // frame whose header makes no sense comes with no bytes, which nodes count as malformed. Does not
  // wait.
  std::optional<Frame> read(bool& broken);
  // False when the kernel did not take it; it is lost then. Parameters as in write_tap_header. Does
  // not wait; one system call and no copy of ours.
  bool write(Bytes frame, const PartialChecksum& checksum, std::size_t segment,
             std::size_t headers);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Tap(Fd fd, std::string name);
  // 0, or the errno.
  int change_route(const Subnet& network, unsigned long request);

  Fd fd_;
  std::string name_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace marvel::vpn
