// Pattern databases: whatever the bytes are, reading either refuses them or gives a set that can be
// searched for, and that comes back the same when it is written and read again.
#include "fuzz/check.hpp"
#include "regex/database.hpp"
#include "regex/host_finder.hpp"
#include "regex/line_matcher.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::regex;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)unpack_set(bytes, "fuzz");
  const auto set = unpack_body(bytes, "fuzz");
  if (!set || set->program->code.size() > 2'000) {
    return 0;
  }
  std::vector<std::uint32_t> ends;
  HostFinder(*set, std::size_t{1} << 20).find("a line\nanother one, 123\n\n", ends);
  (void)LineMatcher(*set->program).which("a line");
  const std::string packed = pack_set(*set);
  const auto again = unpack_set(packed, "fuzz");
  FUZZ_LAW(again.has_value());
  FUZZ_LAW(pack_set(*again) == packed);
  return 0;
}
