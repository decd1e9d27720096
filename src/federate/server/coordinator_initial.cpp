// The model to begin with, from a client: one after the other is asked.
#include "base/utf8.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/strategy/update.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {

bool Coordinator::ask_for_model(Time now) {
  for (const auto& [id, session] : sessions_) {
    if (session.pending == Pending::kNothing && !session.cannot_offer) {
      phase_ = Phase::kInitial;
      due_ = now + rules_.deadline.value_or(rules_.initial_patience);
      send(id, wire::GetParameters{}, Pending::kParameters, now);
      return true;
    }
  }
  return false;
}

// One that is asked for the initial model and says nothing.
void Coordinator::pass_over_silent(Time now) {
  if (!due_ || now < *due_) {
    return;
  }
  due_.reset();
  phase_ = Phase::kIdle;
  for (auto& [id, session] : sessions_) {
    if (session.pending == Pending::kParameters && !session.cannot_offer) {
      session.cannot_offer = true;
      log_.warning(fmt::format("client {} does not answer with an initial model", session.key));
    }
  }
}

void Coordinator::take_model(SessionId id, const wire::ParametersResult& result) {
  Session& session = *find(id);
  if (state_.model) {
    return;  // late: another one was taken
  }
  phase_ = Phase::kIdle;
  due_.reset();
  auto model = decode_parameters(result.parameters);
  if (result.outcome.code != 0 || !model || model->empty()) {
    session.cannot_offer = true;
    const std::string why = !model                     ? model.error().message
                            : result.outcome.code != 0 ? result.outcome.message
                                                       : "it has no tensors";
    log_.warning(fmt::format("client {} has no initial model: {}", session.key,
                             shown_text(why, kLongestReason)));
    return;
  }
  state_.model = std::make_shared<const Model>(std::move(*model));
  log_.info(fmt::format("initial model from client {}: {} parameters in {} tensors", session.key,
                        model_elements(*state_.model), state_.model->size()));
  auto taken = journal_.accept(*state_.model);
  if (taken) {
    taken = journal_.save(state_, strategy_.moments());
  }
  if (!taken) {
    fail_run(std::move(taken.error()));
  }
}

}  // namespace marvel::federate
