#include "federate/client/conversation.hpp"

#include "base/text.hpp"
#include "federate/client/size_report.hpp"
#include "federate/privacy/update_privacy.hpp"
#include "federate/strategy/update.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

namespace marvel::federate {
namespace {

// "run/round" from a marvel server; empty from any other, whose rounds cannot be told apart.
std::string round_name(const wire::Config& config) {
  const auto run = config.find("marvel.run");
  const auto round = config.find("marvel.round");
  if (run == config.end() || round == config.end()) {
    return {};
  }
  const auto* name = std::get_if<std::string>(&run->second);
  const auto* number = std::get_if<std::int64_t>(&round->second);
  return name != nullptr && number != nullptr ? *name + "/" + std::to_string(*number) : "";
}

std::string_view run_of(std::string_view round_name) {
  return round_name.substr(0, round_name.rfind('/'));
}

wire::Outcome success() {
  return {0, "Success"};
}

wire::FitResult cannot(std::string why) {
  constexpr std::int64_t kFailed = 4;  // Flower's code for "fit not possible"
  return {{kFailed, std::move(why)}, {}, 0, {}};
}

}  // namespace

Conversation::Conversation(Trainer& trainer, std::string cid)
    : trainer_(trainer), cid_(std::move(cid)) {}

void Conversation::keep_in(UpdateStore& store, Log& log) {
  store_ = &store;
  log_ = &log;
  auto kept = store.load();
  if (!kept) {
    log.warning(kept.error().message + "; the round is trained again if it is asked for");
  } else if (auto& update = *kept; update.has_value()) {
    finished_ = std::move(update->round);
    update_ = std::move(update->update);
    encoder_.restore(update->left_out);
    sent_ = true;
    log.info("kept the update of round " + finished_.substr(finished_.find('/') + 1));
  }
}

void Conversation::keep() {
  if (store_ == nullptr || finished_.empty()) {
    return;
  }
  if (const auto kept = store_->save({finished_, update_, encoder_.left_out()}); !kept) {
    log_->warning("the update is not kept: " + kept.error().message);
  }
}

wire::Scalar Conversation::cid_value() const {
  const auto number = parse_integer(cid_);
  return number ? wire::Scalar(*number) : wire::Scalar(cid_);
}

Result<wire::ClientMessage> Conversation::answer(const wire::ServerMessage& message) {
  if (const auto* order = std::get_if<wire::Fit>(&message)) {
    return fit(*order);
  }
  if (const auto* order = std::get_if<wire::Evaluate>(&message)) {
    return evaluate(*order);
  }
  if (std::holds_alternative<wire::GetParameters>(message)) {
    return parameters();
  }
  if (std::holds_alternative<wire::GetProperties>(message)) {
    return wire::PropertiesResult{success(), {{"cid", cid_value()}}};
  }
  pause_ = std::get<wire::Reconnect>(message).seconds;
  ended_ = pause_ <= 0;
  if (ended_ && store_ != nullptr) {
    store_->clear();  // the run is over, so nobody will ask for it
  }
  constexpr std::int64_t kReasonReconnect = 1;
  constexpr std::int64_t kReasonAck = 4;
  return wire::Disconnect{ended_ ? kReasonAck : kReasonReconnect};
}

Result<wire::ClientMessage> Conversation::fit(const wire::Fit& message) {
  const std::string name = round_name(message.config);
  if (message.config.contains(secure::kSessionSetting)) {
    return secure_fit(message, name);
  }
  if (secure_only_) {
    return fail(Errc::kDenied, "the server asks for this client's update itself",
                "start the server with --secure-aggregation, or this client without it");
  }
  if (!name.empty() && name == finished_) {
    MARVEL_TRY(const bool fits, is_protected_as(message.config));
    if (!fits) {
      return cannot("its update of this round is protected by other settings");
    }
    return hand_over(message.config);
  }
  if (message.parameters.tensors.empty() && message.config.contains(kUploadSetting)) {
    return cannot("it does not have the update of this round");
  }
  MARVEL_TRY_STATUS(work(message, name));
  return hand_over(message.config);
}

Status Conversation::work(const wire::Fit& message, const std::string& name) {
  MARVEL_TRY(const Model global, decode_parameters(message.parameters));
  MARVEL_TRY(Trained trained, trainer_.train(global, message.config));
  MARVEL_TRY_STATUS(protect(trained, global, message.config));
  ++tally_.trained;
  // Without a name for the round nobody could ask for the update later.
  const bool size_first = wants_size(message.config) && !name.empty();
  const double size = size_first ? change_size(trained.model, global).value_or(-1) : -1;
  if (run_of(name) != run_of(finished_)) {
    encoder_ = wire::UpdateEncoder();  // what another run lacks is no part of this one
  }
  update_.outcome = success();
  MARVEL_TRY(update_.parameters, pack(std::move(trained.model), global, message.config));
  update_.num_examples = trained.examples;
  update_.metrics = std::move(trained.metrics);
  update_.metrics["cid"] = cid_value();
  if (size >= 0) {
    update_.metrics[kNormMetric] = size;
  }
  finished_ = name;
  sent_ = false;
  keep();
  return {};
}

wire::ClientMessage Conversation::hand_over(const wire::Config& config) {
  if (wants_size(config) && update_.metrics.contains(kNormMetric)) {
    return size_report(update_);
  }
  tally_.resent += sent_ ? 1 : 0;
  sent_ = true;
  return update_;
}

Status Conversation::protect(Trained& trained, const Model& global, const wire::Config& config) {
  MARVEL_TRY(const auto rules, update_rules(config));
  if (!rules) {
    return {};
  }
  if (!random_) {
    MARVEL_TRY(random_, system_random());
  }
  MARVEL_TRY_STATUS(make_private(trained.model, global, *rules, *random_));
  trained.metrics[kPrivateMetric] = true;
  trained.metrics[kClipSetting] = rules->clip;
  trained.metrics[kNoiseSetting] = rules->deviation;
  return {};
}

// A server that was started again with more noise would account for noise that is not there. And a
// second update of the round, from the same training, would tell more than one.
Result<bool> Conversation::is_protected_as(const wire::Config& config) const {
  MARVEL_TRY(const auto asked, update_rules(config));
  const auto made = update_rules(update_.metrics);
  return made && *made == asked;
}

// As the server asks: encoded, or plain.
Result<wire::Parameters> Conversation::pack(Model trained, const Model& global,
                                            const wire::Config& config) {
  const auto name = config.find("marvel.encoding");
  const auto* text = name == config.end() ? nullptr : std::get_if<std::string>(&name->second);
  const auto encoding =
      text == nullptr ? wire::UpdateEncoding::kNone : wire::update_encoding_of(*text);
  if (encoding == wire::UpdateEncoding::kNone) {
    return encode_parameters(std::make_shared<const Model>(std::move(trained)));
  }
  const auto keep = config.find("marvel.keep");
  const auto* share = keep == config.end() ? nullptr : std::get_if<double>(&keep->second);
  return encoder_.encode(trained, global, encoding,
                         share == nullptr ? 1 : std::clamp(*share, 0.0, 1.0));
}

Result<wire::ClientMessage> Conversation::evaluate(const wire::Evaluate& message) {
  MARVEL_TRY(const Model global, decode_parameters(message.parameters));
  MARVEL_TRY(Evaluated evaluated, trainer_.evaluate(global, message.config));
  ++tally_.evaluated;
  wire::EvaluateResult result;
  result.outcome = success();
  result.loss = static_cast<float>(evaluated.loss);
  result.num_examples = evaluated.examples;
  result.metrics = std::move(evaluated.metrics);
  result.metrics["cid"] = cid_value();
  return result;
}

Result<wire::ClientMessage> Conversation::parameters() {
  MARVEL_TRY(Model model, trainer_.initial());
  return wire::ParametersResult{success(),
                                encode_parameters(std::make_shared<const Model>(std::move(model)))};
}

}  // namespace marvel::federate
