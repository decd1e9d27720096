// A client's answers in a secure sum: one stage after the other, each answered once; asked again,
// after a broken link, it says the same, so that nothing more is laid open.
#include "federate/client/conversation.hpp"
#include "federate/secure/fixed_point.hpp"
#include "federate/strategy/update.hpp"

#include <utility>

namespace marvel::federate {
namespace {

constexpr std::int64_t kFailed = 4;  // Flower's code for "fit not possible"

std::string text_of(const wire::Config& config, const char* name) {
  const auto found = config.find(name);
  const auto* text = found == config.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string() : *text;
}

std::string data_of(const wire::Config& config) {
  const auto found = config.find(secure::kDataEntry);
  const auto* blob = found == config.end() ? nullptr : std::get_if<wire::Blob>(&found->second);
  return blob == nullptr ? std::string() : blob->bytes;
}

// 0 for what is no whole number above it.
std::size_t count_of(const wire::Config& config, const char* name) {
  const auto found = config.find(name);
  const auto* number = found == config.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return number == nullptr || *number < 0 ? 0 : static_cast<std::size_t>(*number);
}

}  // namespace

// What the client cannot do ends its part in this sum, not the client.
Result<wire::ClientMessage> Conversation::secure_fit(const wire::Fit& message,
                                                     const std::string& name) {
  const auto session = text_of(message.config, secure::kSessionSetting);
  const auto stage = text_of(message.config, secure::kStageSetting);
  if (stage == "keys" && (!member_ || member_->session() != session)) {
    MARVEL_TRY_STATUS(secure::prepare());
    member_ = std::make_unique<secure::Member>(session);
    secure_stage_.clear();
  }
  if (!member_ || member_->session() != session) {
    return wire::FitResult{{kFailed, "it has no part in this secure sum"}, {}, 0, {}};
  }
  if (stage == secure_stage_) {
    return secure_answer_;
  }
  if (stage == "masked" && (name.empty() || name != finished_)) {
    MARVEL_TRY_STATUS(work(message, name));  // what fails here ends the client, as in other rounds
  }
  auto answer = secure_answer(message, stage);
  if (!answer) {
    member_.reset();
    return wire::FitResult{{kFailed, answer.error().message}, {}, 0, {}};
  }
  secure_answer_ = std::move(*answer);
  secure_answer_.outcome = {0, "Success"};
  secure_answer_.metrics[secure::kSessionSetting] = session;
  secure_answer_.metrics[secure::kStageSetting] = stage;
  secure_stage_ = stage;
  return secure_answer_;
}

// Nothing beside the masked update: neither loss nor number of examples.
Result<wire::FitResult> Conversation::secure_answer(const wire::Fit& message,
                                                    const std::string& stage) {
  wire::FitResult answer;
  const std::string data = data_of(message.config);
  if (stage == "keys") {
    answer.metrics[secure::kDataEntry] = wire::Blob{secure::encode(member_->keys())};
  } else if (stage == "shares") {
    MARVEL_TRY(auto roster, secure::decode_roster(data));
    MARVEL_TRY(const auto parcels,
               member_->deal(std::move(roster), count_of(message.config, secure::kPlaceSetting),
                             count_of(message.config, secure::kThresholdSetting)));
    answer.metrics[secure::kDataEntry] = wire::Blob{secure::encode(parcels)};
  } else if (stage == "masked") {
    MARVEL_TRY(answer.parameters, masked_update(message));
  } else if (stage == "unmask") {
    MARVEL_TRY(const auto survivors, secure::decode_places(data));
    MARVEL_TRY(const auto reveals, member_->reveal(survivors));
    answer.metrics[secure::kDataEntry] = wire::Blob{secure::encode(reveals)};
  } else {
    return fail(Errc::kInput, "it does not know the stage '" + stage + "' of a secure sum");
  }
  return answer;
}

Result<wire::Parameters> Conversation::masked_update(const wire::Fit& message) {
  MARVEL_TRY(const auto parcels, secure::decode_parcels(data_of(message.config)));
  MARVEL_TRY(const Model global, decode_parameters(message.parameters));
  MARVEL_TRY(const Model trained, decode_parameters(update_.parameters));
  const auto uniform = message.config.find(secure::kUniformSetting);
  const bool alike = uniform != message.config.end() && uniform->second == wire::Scalar(true);
  const std::int64_t weight = alike && update_.num_examples > 0 ? 1 : update_.num_examples;
  MARVEL_TRY(auto numbers, secure::to_fixed(trained, global, weight));
  MARVEL_TRY_STATUS(member_->mask(parcels, numbers));
  wire::Parameters masked;
  masked.tensor_type = secure::kMaskedType;
  masked.tensors.push_back(secure::encode_numbers(numbers));
  return masked;
}

}  // namespace marvel::federate
