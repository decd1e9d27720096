// Pattern files: any bytes give patterns that stand in the file, and compiling them gives a set or
// one message per refused pattern.
#include "base/log.hpp"
#include "fuzz/check.hpp"
#include "regex/pattern.hpp"
#include "tests/support/fakes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::regex;
  constexpr std::size_t kMost = 20'000;  // bytes; larger files only take longer
  const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, kMost));
  auto file = read_patterns(text, "f", {});
  for (const auto& pattern : file.patterns) {
    FUZZ_LAW(pattern.line >= 1 && pattern.line <= text.size() + 1);
    FUZZ_LAW(!pattern.id.empty());
    FUZZ_LAW(pattern.text.find('\n') == std::string::npos);
    FUZZ_LAW(text.find(pattern.text) != std::string_view::npos);
  }
  const std::size_t count = file.patterns.size();
  std::size_t expanded = 0;  // a few huge counts are for the other target
  for (const auto& pattern : file.patterns) {
    expanded += static_cast<std::size_t>(std::count(pattern.text.begin(), pattern.text.end(), '{'));
  }
  if (expanded > 4) {
    return 0;
  }
  marvel::test::CaptureLog log;
  const auto set = compile(std::move(file.patterns), {}, log);
  // Warnings may be there in any case. Sets that are too large are told without a line.
  const bool refused = std::any_of(log.lines.begin(), log.lines.end(), [](const auto& line) {
    return line.first == marvel::LogLevel::kError;
  });
  FUZZ_LAW(!refused || !set.has_value());
  FUZZ_LAW(set.has_value() || !set.error().message.empty());
  FUZZ_LAW(!set || set->program->starts.size() == count);
  return 0;
}
