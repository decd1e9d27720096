// Matching against RE2: where both accept a pattern they agree on every line. The first line of the
// input is the pattern, bytes if the input's first byte is even and UTF-8 otherwise; the rest is
// the text.
#include "fuzz/check.hpp"
#include "regex/host_finder.hpp"
#include "regex/pattern.hpp"
#include "tests/regex/re2_pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <re2/re2.h>

namespace {

constexpr std::size_t kLongestPattern = 60;  // longer ones make RE2 run out of memory
constexpr std::size_t kLongestText = 2'000;

RE2::Options options_for(bool unicode) {
  RE2::Options options;
  options.set_encoding(unicode ? RE2::Options::EncodingUTF8 : RE2::Options::EncodingLatin1);
  options.set_never_nl(true);
  options.set_log_errors(false);
  return options;
}

// The line ends of the lines that RE2 marks.
std::vector<std::uint32_t> by_re2(const RE2& pattern, std::string_view text) {
  std::vector<std::uint32_t> ends;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    if (RE2::PartialMatch({text.data() + begin, end - begin}, pattern)) {
      ends.push_back(static_cast<std::uint32_t>(end));
    }
    begin = end + 1;
  }
  return ends;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::regex;
  if (size < 2) {
    return 0;
  }
  ParseFlags flags;
  flags.unicode = data[0] % 2 == 1;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string pattern(rest.substr(0, rest.find('\n')));
  const std::string text =
      std::string(rest.substr(std::min(pattern.size() + 1, rest.size())).substr(0, kLongestText)) +
      "\n";
  // Edges of words here, plain characters there.
  const bool differs =
      pattern.find("\\<") != std::string::npos || pattern.find("\\>") != std::string::npos;
  const auto tree = parse(pattern, flags);
  if (!tree || differs || pattern.size() > kLongestPattern) {
    return 0;
  }
  if (!RE2(pattern, options_for(flags.unicode)).ok()) {
    return 0;
  }
  const RE2 judge(marvel::test::for_re2(pattern), options_for(flags.unicode));
  const PatternSet set = make_set({}, {&*tree, 1});
  if (!judge.ok() || set.program->code.size() > 5'000) {
    return 0;
  }
  std::vector<std::uint32_t> ours;
  HostFinder(set, std::size_t{1} << 20).find(text, ours);
  FUZZ_LAW(ours == by_re2(judge, text));
  return 0;
}
