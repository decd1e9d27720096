// Kubeconfig files: any text gives a configuration or an error with its file, and choosing an
// access from it never fails in another way.
#include "deploy/kube/kubeconfig.hpp"

#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = marvel::kube::parse_kubeconfig(text, "/fuzz/config");
  if (!config) {
    FUZZ_LAW(config.error().code == marvel::Errc::kInput);
    FUZZ_LAW(config.error().message.find("/fuzz/config") == 0);
    return 0;
  }
  const auto access = config->access("", "");
  FUZZ_LAW(access.has_value() || access.error().reason == "kubeconfig_invalid");
  FUZZ_LAW(!access || !access->cluster.server.empty());
  return 0;
}
