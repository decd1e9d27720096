// report.json and the epoch history of checkpoints: any text is read or refused with kInput, and
// what was read is written and read again without change.
#include "compress/report.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::compress;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto report = train_report_from_json(text)) {
    const std::string written = to_json(*report);
    const auto again = train_report_from_json(written);
    FUZZ_LAW(again.has_value());
    FUZZ_LAW(to_json(*again) == written);
  } else {
    FUZZ_LAW(report.error().code == marvel::Errc::kInput);
  }
  if (const auto epochs = epochs_from_json(text)) {
    const std::string written = epochs_to_json(*epochs);
    const auto again = epochs_from_json(written);
    FUZZ_LAW(again.has_value());
    FUZZ_LAW(epochs_to_json(*again) == written);
  } else {
    FUZZ_LAW(epochs.error().code == marvel::Errc::kInput);
  }
  return 0;
}
