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

// What a client has done, for its report.
struct ClientTally {
  std::uint64_t trained = 0;  // rounds of work done here
  std::uint64_t resent = 0;   // of them asked for again and answered from memory
  std::uint64_t evaluated = 0;
  // Links that broke and were tried again; pauses that the server has asked for are not counted.
  std::uint64_t reconnects = 0;
};

// What a client answers to each message, over any number of links. A finished update stays in
// memory: when the link breaks before it arrives, the server asks again with the same run and
// round, and gets the same update without another training.
//
// It has no link and no clock: who has a link (transport/join, or a simulation) gives it each
// message and sends what it answers.
//
//   Conversation talk(trainer, "edge-7");
//   talk.keep_in(store, log);  // optional, as demand_secure() is; before the first message
//   MARVEL_TRY(const auto answer, talk.answer(question));
//
// A server that does not name its rounds ("marvel.run", "marvel.round"), as Flower's do not, gets a
// fresh training each time. The update is kept as it was sent: clipped, noised and encoded, so that
// asking twice tells nothing more. A server that asks for it with other privacy settings than it
// was made with is told that this client cannot; one that asks for another encoding gets it as it
// is. What encodings leave out is for the same run alone. Memory is one update, in a secure sum
// also its masked form, and what encodings have left out. Used by one thread.
class Conversation {
 public:
  // `trainer` must outlive it. `cid` goes into metrics and properties as a number where it is one.
  Conversation(Trainer& trainer, std::string cid);

  // From here on a finished update is also kept in `store`, over the death of this process; one
  // that is there already is taken up. A disk that fails costs a warning, not the update. Both must
  // outlive this object. A store that cannot be read costs a training, and a warning.
  void keep_in(UpdateStore& store, Log& log);

  // From here on updates go into secure sums only; a server that asks otherwise is kDenied, before
  // anything of the update has left. Evaluations and an initial model are given all the same.
  void demand_secure(bool demand) { secure_only_ = demand; }

  // kInput when the server's message or model cannot be used; kUnavailable and others from the
  // trainer. After a Reconnect, ended() or take_pause() say what the server wants. Takes as long as
  // the trainer does. What a client cannot do in a secure sum is an answer, not an error: it loses
  // its part in that sum alone.
  Result<wire::ClientMessage> answer(const wire::ServerMessage& message);

  // The server has said that the run is over. What was kept in the store is gone then.
  [[nodiscard]] bool ended() const { return ended_; }
  // Seconds to wait before the next link; 0 outside a server's order, and at the second call.
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
  // Whether that is what was done to the finished update.
  [[nodiscard]] Result<bool> is_protected_as(const wire::Config& config) const;
  Result<wire::ClientMessage> evaluate(const wire::Evaluate& message);
  Result<wire::ClientMessage> parameters();
  void keep();
  // As the server asks: encoded, or as .npy files.
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
