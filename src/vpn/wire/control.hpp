#pragma once

#include "vpn/bytes.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/wire/datagram.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>
#include <variant>
#include <vector>

namespace marvel::vpn {

// Control messages: the text of sealed packets with kFlagControl. Between an edge and a super node,
// and (Probe, ProbeReply, Bye, PathProbe and those of trains) between edges.
// docs/formats/vpn-wire.md has the bytes.
//
//   edge to super node   Register            answered by Lease or Refused
//                        Find                PeerInfo to both who shall meet, or Absent
//                        Everybody           a PeerInfo of each other member
//   either way           Probe, PathProbe    ProbeReply with the same token
//                        Bye                 nothing
//   edge to edge         TrainAsk            so many Trains
//                        TrainEnd            TrainReport
//
// Packets may be lost, so every question is asked again by who wants to know, and every answer may
// come twice or late. Tokens are drawn at random by who asks: only who has read the question can
// answer it. The structs are plain values; encode() and decode() may be called from any thread.

// Edge to super node: I am here.
// Sent again when the candidates or the networks change; the last one counts.
struct Register {
  std::string name;                  // of the node: see is_node_name
  Ipv4 wanted = 0;                   // the address it wants; 0: any
  std::vector<Endpoint> candidates;  // where it may be reached inside its own network
  std::vector<Subnet> prefixes;      // networks behind it, at most kMaxPrefixes
};
// The answer: you have this address.
struct Lease {
  Ipv4 address = 0;
  std::uint8_t bits = 0;  // of the community's subnet
  Endpoint seen;          // where the super node sees the edge
};
// The other answer.
struct Refused {
  enum class Reason : std::uint8_t {
    kNoAddress = 1,     // all are leased
    kAddressTaken = 2,  // this one is not to be had; without a wish there may be another one
    kNameTaken = 3,     // another node of this name is connected
    kNotAllowed = 4,    // the certificate does not allow this name, address or network
  };
  Reason reason = Reason::kNoAddress;
};
// Who has this address (or, where it is 0, this id)? The super node tells both about each other.
// `address` may also be one of a network behind an edge; of several the narrowest counts.
struct Find {
  Ipv4 address = 0;
  NodeId node{};
};
// Who a node is and where it may be reached. Sent for Find, and unasked to the node that was found,
// so that both punch at the same time. The id and Ethernet address follow from `key`. `seen` is
// where the super node sees it, `candidates` are where it says itself that it may be.
struct PeerInfo {
  PublicKey key{};
  Ipv4 address = 0;
  std::string name;
  Endpoint seen;
  std::vector<Endpoint> candidates;
  std::vector<Subnet> prefixes;
};
// Nobody has it, or nobody who is connected. Repeats the question; also the answer to a relayed
// datagram for a node that is not there.
struct Absent {
  Ipv4 address = 0;
  NodeId node{};
};
// Is this path alive, and where do you see me?
struct Probe {
  std::uint64_t token = 0;
};
// A probe that came over a direct path is answered over it. `seen` is where its sender was seen;
// empty when the probe was relayed.
struct ProbeReply {
  std::uint64_t token = 0;
  Endpoint seen;
};
// I leave: sessions with me are over.
struct Bye {};
// Does a packet of this size arrive? Answered by ProbeReply. May be longer than kMaxControl.
struct PathProbe {
  std::uint64_t token = 0;
  std::uint16_t padding = 0;  // zero bytes behind it
};
// Who else is there? The super node answers with a PeerInfo of each, up to kMostFlooded, and at
// most once each kMembersAgain / 2; other questions are dropped.
struct Everybody {};

// How much a path carries is measured with trains of packets that leave at once: what the path lets
// through spreads them, and the receiver sees how much. Send me such a train. Who is asked sends
// smaller packets where its path takes no more, and nothing beyond kTrainRate.
struct TrainAsk {
  std::uint64_t token = 0;
  std::uint16_t packets = 0;  // 2 to kMostTrainPackets
  std::uint16_t size = 0;     // bytes of each one's text, kTrainText to kMostTrainText
};
// One packet of a train.
struct Train {
  std::uint64_t token = 0;
  std::uint16_t number = 0;   // from 0
  std::uint16_t packets = 0;  // of the train
  std::uint16_t padding = 0;  // zero bytes behind it
};
// The train has left. Answered by TrainReport.
struct TrainEnd {
  std::uint64_t token = 0;
};
// What came of it: `bytes` of text came in `span_us` microseconds, counted in its later half; the
// earlier one may have passed a queue that was empty. 0 microseconds: faster than can be told.
struct TrainReport {
  std::uint64_t token = 0;
  std::uint16_t packets = 0;
  std::uint32_t bytes = 0;
  std::uint32_t span_us = 0;
};

using Control = std::variant<Register, Lease, Refused, Find, PeerInfo, Absent, Probe, ProbeReply,
                             Bye, PathProbe, Everybody, TrainAsk, Train, TrainEnd, TrainReport>;

// At most kMaxControl bytes for every message that decode() would accept but PathProbe and Train.
// Endpoints beyond kMaxCandidates and networks beyond kMaxPrefixes are left out; other limits are
// the caller's to keep.
std::vector<std::uint8_t> encode(const Control& message);
// Nothing for anything but one whole message: fields out of range and bytes left over included.
// Padding must be zeros. Cost and memory are bounded by the size of `bytes`.
std::optional<Control> decode(Bytes bytes);

// 1 to 63 letters, digits, '-', '_' and '.', no '.' or '-' first. So a name is safe in a file's
// name, a line of text and an option of a command. Letters are those of ASCII.
bool is_node_name(std::string_view name);

}  // namespace marvel::vpn
