#pragma once

#include "vpn/channel/handshake_message.hpp"
#include "vpn/channel/session.hpp"
#include "vpn/identity/membership.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace marvel::vpn {

class Channel;

// Who has a channel: the node casts it to what it knows it to be. An edge has peers and super
// nodes, a super node its clients; each derives from this and holds its channel.
struct ChannelOwner {};

// Which channel answers to an index on the wire. Indices are drawn at random, so that they tell a
// stranger nothing. The table owns no channel: each claims an index per handshake and session and
// releases it when that ends, at the latest when it dies, so the table must outlive them all.
class IndexTable {
 public:
  // A fresh index that leads to `channel` from now on.
  std::uint32_t claim(Random& random, Channel& channel);
  void release(std::uint32_t index) { channels_.erase(index); }
  // Null for an index that nobody has, as in a packet for a session that is over.
  [[nodiscard]] Channel* find(std::uint32_t index) const;
  [[nodiscard]] std::size_t size() const { return channels_.size(); }

 private:
  std::unordered_map<std::uint32_t, Channel*> channels_;
};

// What all channels of a node in one community share. Outlives them. An edge has two, because peers
// and super nodes are met with different secrets. The node may change `membership` and
// `unix_ns_at_zero` at any time; the next handshake goes by them, and sessions stay.
struct Home {
  KeyPairX identity;
  Membership membership;
  Random& random;
  IndexTable& indices;
  std::uint64_t unix_ns_at_zero = 0;  // what the calendar said at Time 0

  // The calendar at `now`, as far as the node has been told of it.
  [[nodiscard]] std::uint64_t unix_ns(Time now) const {
    return unix_ns_at_zero + static_cast<std::uint64_t>(now.count());
  }
  [[nodiscard]] std::uint64_t unix_seconds(Time now) const { return unix_ns(now) / 1'000'000'000U; }
};

// The secured way to one other node: handshakes, and the sessions they gave. Up to three sessions
// live at a time, so that a change of keys loses nothing:
//   previous   still opens what is under way
//   current    seals
//   next       we answered, and the other side has not used it yet
// A session that we answered seals nothing before its first genuine packet: only that packet proves
// that the other side knows the psk, and that message 1 was no replay.
//
//   initiate  ->  message 1  ->  respond           the other side: `next`
//   finish    <-  message 2  <-                    here: `current`
//   seal      ->  a packet   ->  open              the other side: `next` becomes `current`
//
// A channel reads no clock, sends nothing and sets no timers: the node calls initiate() again until
// there is an answer, and begins anew when wants_new_session() says so. Both sides may begin at
// once; then there are two sessions, and both work. One thread.
class Channel {
 public:
  // All three outlive the channel. `remote` is the other side's static key, which never changes.
  Channel(Home& home, const PublicKey& remote, ChannelOwner& owner);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // --- handshakes; what these return is a datagram to send, empty for none ---

  // Message 1, which gives up the handshake under way, if any. Its timestamp is later than that of
  // any before it, even when the calendar was set back. A cookie that came is used for this one
  // message. Empty when remote() is a point of small order.
  std::vector<std::uint8_t> initiate(Time now);
  // Message 2 to a message 1 that comes from remote(). Empty for a replayed one, for one of another
  // community, and for one that the membership does not admit; nothing has changed then. A session
  // that was answered before and not used yet is replaced.
  std::vector<std::uint8_t> respond(Time now, FirstMessage& first);
  // Takes message 2, checked by second_is_for. Whether there is a new session. A message that is
  // not genuine, or whose sender is no member, leaves the handshake under way.
  bool finish(Time now, Bytes second);
  // Whether it is genuine, and the answer to the handshake under way. The next initiate() uses it.
  bool take_cookie(Bytes reply);
  // Gives up the handshake that is under way: an answer to it counts no more. Sessions stay.
  void abandon();

  // --- packets ---

  // Seals `datagram` (header, text, tag) in place with the current session, which fills in index
  // and counter. False, and nothing is to be sent, when there is none or it is too old.
  bool seal(Time now, const SealedHeader& header, MutableBytes datagram);

  // `is_newest`: no packet of its session had a higher counter, so where it came from is where the
  // other side is. `began_session`: it was the first one of `next`, which is the current one now.
  struct Opened {
    Session::Verdict verdict = Session::Verdict::kForged;
    bool is_newest = false;      // of its session
    bool began_session = false;  // by this packet
  };
  // Opens in place. `datagram` has at least header and tag, and its index is one of this channel's.
  // The index of a handshake that is still under way is no session's: kForged.
  Opened open(Time now, MutableBytes datagram);

  // Whether seal() works at this moment.
  [[nodiscard]] bool ready(Time now) const { return current_ && current_->usable(now); }
  // Whether it is this side's turn to begin the next handshake (Session::is_old).
  [[nodiscard]] bool wants_new_session(Time now) const { return current_ && current_->is_old(now); }
  // Null before the first handshake, after close(), and while only `next` is there. It lives until
  // the next call that changes the channel.
  [[nodiscard]] const Session* current() const { return current_.get(); }
  // The session of this index of ours, for hop tags. Null for none.
  [[nodiscard]] const Session* session(std::uint32_t local) const;
  [[nodiscard]] bool is_initiating() const { return pending_ != nullptr; }
  [[nodiscard]] const PublicKey& remote() const { return remote_; }
  [[nodiscard]] ChannelOwner& owner() const { return owner_; }
  // The certificate that the other side showed last; empty before the first handshake.
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  // Sessions that this channel has had, for the status.
  [[nodiscard]] std::uint64_t handshakes() const { return handshakes_; }
  // Ends all sessions and the handshake under way, without a word to the other side. The channel
  // may be used again.
  void close();

 private:
  // A handshake that was begun and not answered. `mac1` is what a cookie is sealed for.
  struct Pending {
    Handshake noise;
    std::uint32_t index = 0;
    Block<16> mac1{};
  };
  std::unique_ptr<Session> make_session(Time now, std::uint32_t local, std::uint32_t remote,
                                        Suite suite, bool is_initiator, const TransportKeys& keys);
  void drop(std::unique_ptr<Session>& session);
  void promote_next();

  Home& home_;
  PublicKey remote_;
  ChannelOwner& owner_;
  std::unique_ptr<Pending> pending_;
  std::unique_ptr<Session> previous_;
  std::unique_ptr<Session> current_;
  std::unique_ptr<Session> next_;
  // Not used yet.
  std::optional<Block<16>> cookie_;
  Certificate certificate_;
  std::uint64_t last_sent_timestamp_ = 0;
  std::uint64_t last_timestamp_ = 0;  // of the other side's messages
  std::uint64_t handshakes_ = 0;
};

}  // namespace marvel::vpn
