// Manifests: any text gives objects or an error with the file's name; what is written reads back.
#include "deploy/manifest.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace deploy = marvel::deploy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto objects = deploy::read_manifests(text, "fuzz.yaml");
  if (!objects) {
    FUZZ_LAW(objects.error().code == marvel::Errc::kInput);
    FUZZ_LAW(describe(objects.error()).find("fuzz.yaml") != std::string::npos);
    return 0;
  }
  const std::string written = deploy::write_yaml(*objects);
  const auto again = deploy::read_manifests(written, "again.yaml");
  FUZZ_LAW(again.has_value());
  FUZZ_LAW(again->size() == objects->size());
  FUZZ_LAW(deploy::write_yaml(*again) == written);
  return 0;
}
