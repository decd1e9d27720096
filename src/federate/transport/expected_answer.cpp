#include "federate/transport/expected_answer.hpp"

#include "federate/client/size_report.hpp"
#include "federate/secure/messages.hpp"
#include "federate/transport/upload_gate.hpp"
#include "federate/wire/chunks.hpp"
#include "federate/wire/update_encoding.hpp"

#include <algorithm>
#include <string>

namespace marvel::federate {
namespace {

// Names and measured values, and HTTP/2's acknowledgements beside.
constexpr std::uint64_t kAround = 65536;

template <class T>
T setting(const wire::Config& config, const char* name, const T& otherwise) {
  const auto found = config.find(name);
  const auto* value = found == config.end() ? nullptr : std::get_if<T>(&found->second);
  return value == nullptr ? otherwise : *value;
}

// Bytes of the tensors that come back.
double model_bytes(const wire::Fit& fit, std::uint64_t asked, const AskedClient& client) {
  if (fit.config.contains(kReportSetting) && client.is_marvel) {
    return 0;  // others do not know it, and send their update at once
  }
  if (fit.parameters.tensors.empty()) {
    return fit.config.contains(kUploadSetting) ? static_cast<double>(client.last_model) : 0;
  }
  if (fit.config.contains(secure::kSessionSetting)) {
    return 4 * static_cast<double>(asked);  // 64 bits for each float16
  }
  const auto encoding =
      wire::update_encoding_of(setting(fit.config, "marvel.encoding", std::string("none")));
  return static_cast<double>(asked) *
         wire::expected_share(encoding, setting(fit.config, "marvel.keep", 1.0));
}

}  // namespace

ExpectedAnswer expected_answer(const wire::ServerMessage& question, std::uint64_t asked,
                               const AskedClient& client) {
  if (std::holds_alternative<wire::GetParameters>(question)) {
    return {wire::kLongestMessage, true};
  }
  const auto* fit = std::get_if<wire::Fit>(&question);
  const double model = fit == nullptr ? 0 : model_bytes(*fit, asked, client);
  const auto least = std::max(kAround, UploadGate::enough(asked));
  constexpr double kWithFrames = 1.01;  // of TLS and HTTP/2
  return {static_cast<std::uint64_t>(model * kWithFrames) + kAround + asked / 1024,
          model < static_cast<double>(least)};
}

std::uint64_t round_of(const wire::ServerMessage& question) {
  const auto* fit = std::get_if<wire::Fit>(&question);
  const auto round = fit == nullptr ? 0 : setting(fit->config, "marvel.round", std::int64_t{0});
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, round));
}

}  // namespace marvel::federate
