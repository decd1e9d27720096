#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"
#include "federate/client/update_store.hpp"
#include "federate/wire/message.hpp"
#include "federate/wire/update_encoding.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace marvel::federate {

struct ClientTally {
  std::uint64_t trained = 0;  // rounds of work done here
  std::uint64_t resent = 0;   // of them asked for again and answered from memory
  std::uint64_t evaluated = 0;
  std::uint64_t reconnects = 0;  // links after the first
};

// What a client answers to each message, over any number of links. A finished update stays in
// memory: when the link breaks before it arrives, the server asks again with the same run and
// round, and gets the same update without another training.
class Conversation {
 public:
  // `trainer` must outlive it. `cid` goes into metrics and properties as a number where it is one.
  Conversation(Trainer& trainer, std::string cid);

  // From here on a finished update is also kept in `store`, over the death of this process; one
  // that is there already is taken up. A disk that fails costs a warning, not the update. Both must
  // outlive this object.
  void keep_in(UpdateStore& store, Log& log);

  // kInput when the server's message or model cannot be used; kUnavailable and others from the
  // trainer. After a Reconnect, ended() or pause_seconds() say what the server wants.
  Result<wire::ClientMessage> answer(const wire::ServerMessage& message);

  [[nodiscard]] bool ended() const { return ended_; }
  // To wait before the next link; 0 outside a server's order.
  [[nodiscard]] std::int64_t take_pause() { return std::exchange(pause_, 0); }
  [[nodiscard]] const ClientTally& tally() const { return tally_; }
  void note_reconnect() { ++tally_.reconnects; }

 private:
  Result<wire::ClientMessage> fit(const wire::Fit& message);
  Result<wire::ClientMessage> evaluate(const wire::Evaluate& message);
  Result<wire::ClientMessage> parameters();
  void keep();
  [[nodiscard]] Result<wire::Parameters> pack(Model trained, const Model& global,
                                              const wire::Config& config);
  [[nodiscard]] wire::Scalar cid_value() const;

  Trainer& trainer_;
  std::string cid_;
  UpdateStore* store_ = nullptr;
  Log* log_ = nullptr;
  std::string finished_;  // "run/round" of the update below; empty: none
  wire::FitResult update_;
  wire::UpdateEncoder encoder_;
  ClientTally tally_;
  bool ended_ = false;
  std::int64_t pause_ = 0;
};

}  // namespace marvel::federate
