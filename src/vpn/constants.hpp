#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace marvel::vpn {

// Time of a node: since any fixed moment, never backwards. The nodes read no clock; whoever drives
// them hands it in, so a simulator may let minutes pass in no time. The calendar, where it matters
// (certificates, timestamps of handshakes), is Time plus an offset that comes apart: see Home.
using Time = std::chrono::nanoseconds;
using Duration = std::chrono::nanoseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// --- The protocol: both sides must agree (docs/formats/vpn-wire.md) ---

inline constexpr std::uint16_t kDefaultPort = 4194;
inline constexpr std::size_t kHeaderSize = 16;    // in front of every sealed packet
inline constexpr std::size_t kTagSize = 16;       // behind it
inline constexpr std::size_t kEnvelopeSize = 24;  // in front of a relayed datagram
// Bytes of a control message; only the padded ones, PathProbe and Train, may be longer.
inline constexpr std::size_t kMaxControl = 1152;
inline constexpr std::size_t kMaxPrefixes = 8;  // networks that an edge says are behind it
// Fields of a packet of a train: kind 1, token 8, number 2, packets 2, size of the padding 2.
inline constexpr std::size_t kTrainText = 15;         // bytes of a train's packet without padding
inline constexpr std::size_t kMostTrainText = 16384;  // and of the largest one
inline constexpr std::uint16_t kMostTrainPackets = 8192;  // of a train

// A session ends by age or by packets, whichever comes first. Between the two limits the old
// session still carries frames while the handshake for the next one runs, so nothing is lost by it.
// The second limit keeps counters from running out and AES-GCM within what its nonces allow.
inline constexpr Duration kRekeyAfter = seconds(120);   // a session this old is followed by another
inline constexpr Duration kRejectAfter = seconds(180);  // and one this old carries nothing
inline constexpr std::uint64_t kRekeyPackets = std::uint64_t{1} << 30U;
inline constexpr std::uint64_t kRejectPackets = std::uint64_t{1} << 32U;  // well below AES-GCM's

// --- Tuning: each side may choose ---

// None of these is on the wire, so a node that was built with other values talks to one with these.
// One is an exception: decode() refuses more than kMaxCandidates endpoints. Times are looked at
// each kTick, so what they decide may be late by as much.
inline constexpr Duration kTick = milliseconds(50);  // how often a node wants to look at its timers

// A handshake that is not answered is sent again after 300 ms, 600 ms, 1.2 s, then each 2 s. Frames
// for a peer wait meanwhile, at most kQueuedFrames of them.
inline constexpr Duration kFirstRetry = milliseconds(300);  // of a handshake; doubles each time
inline constexpr Duration kLastRetry = seconds(2);          // up to this
inline constexpr Duration kPeerGivesUp = seconds(15);       // then queued frames are dropped

// How an edge notices that a super node is gone. Where four round trips take longer than
// kSupernodeDead, they count in its place: one far away is not given up for being slow.
inline constexpr Duration kSupernodeProbe = seconds(1);           // while answers come
inline constexpr Duration kSupernodeReprobe = milliseconds(400);  // while one is missing
inline constexpr Duration kSupernodeDead = milliseconds(1600);  // since the first unanswered probe
inline constexpr Duration kClientSilence = seconds(60);         // then a super node forgets an edge
inline constexpr Duration kHalfOpen = seconds(5);  // a client that never confirmed its session

// How a direct path to a peer is found, watched and given up (node/direct_path.hpp): probes go to
// all places where the peer may be, the first answer wins, and while frames flow the path is probed
// so often that a dead one costs little more than a second of frames.
inline constexpr Duration kPathProbe = milliseconds(400);  // of a direct path in use
inline constexpr Duration kIdleProbe = seconds(10);        // of one that is not: keeps NATs open
inline constexpr Duration kPathDead = milliseconds(1200);  // since the first unanswered probe,
                                                           // or four round trips
inline constexpr Duration kPathActive = seconds(3);        // after the last frame
inline constexpr Duration kPunchFor = seconds(5);          // one attempt
inline constexpr Duration kPunchAgain = seconds(30);       // after a failed attempt
// A peer that was restarted does not know our session and cannot say so. Who was sent to and is not
// heard is asked, and after kPeerSilent there is a new handshake if frames flow.
inline constexpr Duration kPeerQuestion = seconds(1);        // of silence, then it is asked
inline constexpr Duration kPeerSilent = milliseconds(2500);  // then a new handshake begins
inline constexpr Duration kPeerIdle = seconds(300);          // then a peer is forgotten

// Bounds on what a node keeps, so that neither strangers nor members make it grow without end, and
// on how much work others may make it do. A rate is the mean of the long run, and the burst beside
// it what may come at once after a pause (node/token_bucket.hpp); what is beyond is dropped.
// kHalfOpen is also how long an edge keeps a peer that has neither a session nor an address.
inline constexpr std::size_t kQueuedFrames = 64;   // per peer, until its session is up
inline constexpr std::size_t kMaxPeers = 4096;     // of an edge
inline constexpr std::size_t kMaxClients = 65536;  // of a super node
inline constexpr std::size_t kMaxCandidates = 8;   // endpoints an edge says it may have
inline constexpr std::uint64_t kCookieRate = 200;  // handshakes per second before cookies
inline constexpr double kSourceRate = 20;          // handshakes per second of one address,
inline constexpr double kSourceBurst = 100;        // and at once: all nodes behind one NAT
inline constexpr double kRelayedRate = 5;    // and those that a super node brings of one node,
inline constexpr double kRelayedBurst = 20;  // and at once
inline constexpr std::size_t kMostCallers = 4096;  // of which an edge keeps count
inline constexpr double kControlRate = 50;         // messages per second of one edge,
inline constexpr double kControlBurst = 400;       // and at once

inline constexpr double kVitalRate = 20;    // and of its probes and registrations, which no
inline constexpr double kVitalBurst = 100;  // number of other messages shall drown
inline constexpr double kFindRate = 20;     // questions of an edge about others per second,
inline constexpr double kFindBurst = 100;   // and at once;
inline constexpr double kDoubtRate = 5;     // of these, about whom nobody vouches for, and about
inline constexpr double kDoubtBurst = 20;   // whom the machine sends to without knowing

// Broadcast is sealed once for each member, so one frame of the machine costs as many packets as
// there are members. Sender and receiver both count, each for itself.
inline constexpr double kFloodRate = 100;               // broadcast frames per second of one edge,
inline constexpr double kFloodBurst = 200;              // and at once
inline constexpr std::size_t kMostFlooded = 256;        // members that a broadcast frame goes to
inline constexpr Duration kMembersAgain = seconds(30);  // who they are is asked so often

// The machine is told of frames that are too large for a path, as a router would.
inline constexpr double kReportRate = 50;   // per second, of all peers together,
inline constexpr double kReportBurst = 50;  // and at once

// Own certificates: so long before the end people are told, or in the last quarter of a short one.
inline constexpr std::uint64_t kCertificateEndsSoon = 604800;  // seconds: a week

// Beacons tell a local network who is there (wire/beacon.hpp); opening one costs a decryption.
inline constexpr Duration kBeaconEvery = seconds(5);  // to the local network
inline constexpr double kBeaconRate = 200;            // taken per second, everybody's

// Trains of packets measure what a path carries (node/path_measurement.hpp). The rate is for all
// members together, so nobody makes an edge send more by asking from several places.
inline constexpr std::size_t kLargestTrain = std::size_t{4} << 20U;  // bytes of a measuring burst
inline constexpr double kTrainRate = 4 << 20;    // bytes per second of trains that others ask for,
inline constexpr double kTrainBurst = 32 << 20;  // and at once

inline constexpr std::size_t kSmallestPath = 768;  // bytes of a datagram that every path takes

// 1500 of the underlay, less IPv6 and UDP (48), envelope, header, tag and inner Ethernet (14):
// 1382, rounded down. So a relayed frame of a full device fits one datagram of any usual path.
inline constexpr std::size_t kDefaultMtu = 1380;

}  // namespace marvel::vpn
