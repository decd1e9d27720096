#pragma once

#include "vpn/constants.hpp"

namespace marvel::vpn::n2n {

// Timers of this mode. Programs of n2n have slower ones and take these as they come; a super node
// of n2n forgets an edge after 60 s. What is not here is shared with the native mode
// (vpn/constants.hpp): kTick, kPeerIdle, kMaxPeers, and how much broadcast a super node passes on.
//
// With these an edge is with the next super node about 1.5 s after it first asked one that is
// silent, and leaves a dead path that is in use within kProbeUsed + kPathLost. None of them is part
// of the protocol.

// An edge and its super node.
inline constexpr Duration kRegisterEvery = seconds(5);         // with a super node
inline constexpr Duration kRegisterAgain = milliseconds(500);  // while no answer comes
inline constexpr unsigned kMissesAllowed = 3;                  // then the next super node
inline constexpr Duration kRefusedWait = seconds(2);           // after a refusal
inline constexpr Duration kEdgeSilence = seconds(60);          // a super node forgets an edge
inline constexpr Duration kTakeOver = seconds(20);  // of silence: its names may be another one's

// Super nodes of one federation. Programs of n2n register with each other every 20 s.
inline constexpr Duration kFederateEvery = seconds(10);  // super nodes of a federation register
inline constexpr Duration kFederateAgain = seconds(1);   // while no answer comes
// After which another super node is taken for dead; one that was only named is forgotten.
inline constexpr Duration kFederateSilence = seconds(90);
inline constexpr Duration kAwaySilence = seconds(180);  // where an edge is registered elsewhere

// An edge and its peers: how the super node is asked, how a NAT is opened (punch), how a path is
// kept (probe). A path is in use for kInUse after a frame of ours; then it is probed less often.
inline constexpr Duration kAskSoon = seconds(2);    // for a peer's endpoint, at first
inline constexpr Duration kAskLater = seconds(20);  // and later on
inline constexpr unsigned kAsksSoon = 3;
inline constexpr Duration kPunchEach = milliseconds(200);
inline constexpr Duration kPunch = seconds(3);       // one attempt
inline constexpr Duration kProbeUsed = seconds(3);   // of a direct path that frames go over
inline constexpr Duration kProbeIdle = seconds(15);  // of one that is not used: keeps NATs open
inline constexpr Duration kProbeAgain = milliseconds(400);  // while no answer comes
inline constexpr Duration kPathLost = milliseconds(1600);   // since the first unanswered probe
inline constexpr Duration kInUse = seconds(5);              // after the last frame
inline constexpr std::size_t kMostSupernodes = 16;  // that an edge keeps, with those it learns
inline constexpr std::size_t kMostTargets = 4;      // endpoints tried for one peer

}  // namespace marvel::vpn::n2n
