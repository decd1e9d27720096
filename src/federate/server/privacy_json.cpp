#include "federate/server/privacy_json.hpp"

#include "federate/server/whole_number.hpp"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

using Json = nlohmann::ordered_json;

Release release_from(const Json& json) {
  Release release;
  json.at("sampling_rate").get_to(release.sampling_rate);
  json.at("noise_multiplier").get_to(release.noise_multiplier);
  release.rounds = whole_number(json.at("rounds"));
  const bool possible = release.sampling_rate > 0 && release.sampling_rate <= 1 &&
                        std::isfinite(release.noise_multiplier) && release.noise_multiplier > 0;
  if (!possible) {
    throw Json::other_error::create(501, "an impossible account of privacy", nullptr);
  }
  return release;
}

// An infinite number is written as null.
double number_or(const Json& object, const char* key, double other) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : other;
}

}  // namespace

Json privacy_json(const PrivacyReport& report) {
  Json releases = Json::array();
  for (const auto& release : report.releases) {
    releases.push_back({{"sampling_rate", release.sampling_rate},
                        {"noise_multiplier", release.noise_multiplier},
                        {"rounds", release.rounds}});
  }
  return {{"mode", privacy_mode_name(report.mode)},
          {"epsilon", report.epsilon},
          {"delta", report.delta},
          {"clip", report.clip},
          {"noise", report.noise},
          {"sampling_rate", report.sampling_rate},
          {"releases", std::move(releases)}};
}

PrivacyReport privacy_from(const Json& json) {
  PrivacyReport report;
  json.at("delta").get_to(report.delta);
  report.mode = json.value("mode", "") == privacy_mode_name(PrivacyMode::kClient)
                    ? PrivacyMode::kClient
                    : PrivacyMode::kServer;
  // JSON has no infinity: null stands for it.
  report.epsilon = number_or(json, "epsilon", std::numeric_limits<double>::infinity());
  report.clip = number_or(json, "clip", 0);
  report.noise = number_or(json, "noise", 0);
  report.sampling_rate = number_or(json, "sampling_rate", 1);
  for (const auto& release : json.at("releases")) {
    report.releases.push_back(release_from(release));
  }
  return report;
}

}  // namespace marvel::federate
