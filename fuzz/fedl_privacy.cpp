// The account of privacy in a checkpoint: any JSON is refused, or is an account whose epsilon is no
// NaN and that comes back as it was.
#include "federate/privacy/accountant.hpp"
#include "federate/server/privacy_json.hpp"
#include "fuzz/check.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

using namespace marvel::federate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  PrivacyReport report;
  try {
    report = privacy_from(nlohmann::ordered_json::parse(text));
  } catch (const nlohmann::json::exception&) {
    return 0;  // checkpoint.cpp makes kInput of it
  }
  const auto again = privacy_from(privacy_json(report));
  FUZZ_LAW(again.releases == report.releases);
  return 0;
}
