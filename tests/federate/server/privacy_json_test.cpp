#include "federate/server/privacy_json.hpp"

#include <limits>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {

TEST_CASE("an account of privacy goes through JSON and back") {
  PrivacyReport report;
  report.mode = PrivacyMode::kClient;
  report.epsilon = 3.5;
  report.delta = 1e-6;
  report.releases = {{0.1, 1.5, 7}, {0.2, 1.5, 1}};
  const auto json = privacy_json(report);
  CHECK(json.at("mode") == "client");
  CHECK(json.at("epsilon") == 3.5);
  CHECK(privacy_from(json).releases == report.releases);
  CHECK(privacy_from(json).delta == 1e-6);
  CHECK(privacy_from(json).epsilon == 3.5);
  report.epsilon = std::numeric_limits<double>::infinity();
  const std::string text = privacy_json(report).dump();
  CHECK(privacy_from(nlohmann::ordered_json::parse(text)).epsilon == report.epsilon);
}

TEST_CASE("an account that nobody can have written is refused") {
  for (const char* text :
       {R"({"delta":1e-5,"releases":[{"sampling_rate":2,"noise_multiplier":1,"rounds":1}]})",
        R"({"delta":1e-5,"releases":[{"sampling_rate":1,"noise_multiplier":0,"rounds":1}]})",
        R"({"delta":1e-5,"releases":[{"sampling_rate":1,"noise_multiplier":1,"rounds":1e30}]})",
        R"({"delta":1e-5,"releases":[{"sampling_rate":1}]})", R"({"releases":[]})"}) {
    CHECK_THROWS_AS(privacy_from(nlohmann::ordered_json::parse(text)),
                    nlohmann::ordered_json::exception);
  }
}

}  // namespace marvel::federate
