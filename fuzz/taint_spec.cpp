// Words and desired-state files of `marvel taint`: what is accepted keeps the rules of Kubernetes.
#include "base/text.hpp"
#include "deploy/scheduling/quantity.hpp"
#include "deploy/taint/desired.hpp"
#include "deploy/taint/spec.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto request = taint::parse_request(split(text, ' '))) {
    for (const auto& one : request->add) {
      FUZZ_LAW(taint::is_qualified_name(one.key) && taint::is_label_value(one.value));
      FUZZ_LAW(taint::parse_taint(to_string(one)) == one);
    }
  }
  if (const auto quantity = scheduling::Quantity::parse(text)) {
    FUZZ_LAW(quantity->units() >= 0 && quantity->thousandths() >= quantity->units() / 2);
  }
  const auto desired = taint::parse_desired(text, "f.yaml");
  FUZZ_LAW(desired.has_value() || desired.error().code == Errc::kInput);
  return 0;
}
