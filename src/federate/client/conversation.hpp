#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"
#include "federate/client/update_store.hpp"
#include "federate/privacy/noise.hpp"
#include "federate/secure/member.hpp"
#include "federate/wire/message.hpp"
#include "federate/wire/update_encoding.hpp"

#include <cstdint>
#include <memory>
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

  // From here on updates go into secure sums only; a server that asks otherwise is an error.
  void demand_secure(bool demand) { secure_only_ = demand; }

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
  // Trains, and keeps the update under the round's name.
  Status work(const wire::Fit& message, const std::string& name);
  // A question of a secure sum (conversation_secure.cpp).
  Result<wire::ClientMessage> secure_fit(const wire::Fit& message, const std::string& name);
  Result<wire::FitResult> secure_answer(const wire::Fit& message, const std::string& stage);
  Result<wire::Parameters> masked_update(const wire::Fit& message);
  // The update that is ready, or its size first.
  wire::ClientMessage hand_over(const wire::Config& config);
  // Clips and noises the update where the server's settings ask for it (privacy/update_privacy).
  Status protect(Trained& trained, const Model& global, const wire::Config& config);
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
  bool secure_only_ = false;
  std::unique_ptr<secure::Member> member_;  // of the secure sum under way
  std::string secure_stage_;                // the last that was answered
  wire::FitResult secure_answer_;           // to it
  bool sent_ = false;                       // it went out once, or may have, before this process
  std::unique_ptr<SecretRandom> random_;    // made when it is first needed
  wire::UpdateEncoder encoder_;
  ClientTally tally_;
  bool ended_ = false;
  std::int64_t pause_ = 0;
};

}  // namespace marvel::federate
