// Configuration files: any text gives settings or an error with file and line.
#include "config/yaml.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto settings = marvel::settings_from_yaml(text, "fuzz.yaml");
  if (!settings) {
    FUZZ_LAW(settings.error().code == marvel::Errc::kInput);
    FUZZ_LAW(describe(settings.error()).find("fuzz.yaml") != std::string::npos);
    return 0;
  }
  FUZZ_LAW(settings->size() <= 10'000);
  for (const auto& setting : *settings) {
    FUZZ_LAW(setting.line >= 1);
    FUZZ_LAW(setting.command.size() <= 8);
  }
  return 0;
}
