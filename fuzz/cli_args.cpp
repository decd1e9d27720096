// Command lines: any words give a scan, completions that fit, and help or an error; nothing runs.
// Words are separated by line ends; the first 32 count.
#include "base/text.hpp"
#include "cli/completion.hpp"
#include "cli/scan.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

const marvel::cli::CommandTree& tree() {
  static const auto* const kTree = [] {
    auto* made = new marvel::cli::CommandTree;
    register_commands(*made);
    return made;
  }();
  return *kTree;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostWords = 32;
  std::vector<std::string> words =
      marvel::split(std::string(reinterpret_cast<const char*>(data), size), '\n');
  words.resize(std::min(words.size(), kMostWords));

  const auto scan = marvel::cli::scan_words(tree(), words);
  FUZZ_LAW(scan.command != nullptr);
  FUZZ_LAW(!scan.unknown_command || scan.problem);
  FUZZ_LAW(scan.pending == nullptr || scan.problem);
  FUZZ_LAW(!scan.problem || !scan.problem->message.empty());
  FUZZ_LAW(scan.given.size() + scan.arguments.size() <= size + words.size());

  const std::string last = words.empty() ? "" : words.back();
  for (const auto& line : marvel::split(marvel::cli::completion_lines(tree(), words, {}), '\n')) {
    const bool directive = line.empty() || line == ":file" || line == ":folder";
    FUZZ_LAW(directive || line.compare(0, last.size(), last) == 0);
  }
  return 0;
}
