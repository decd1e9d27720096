// Matching: the automaton that marks lines, with room, without, and behind the filter, and the
// simulation that names patterns agree on every line. The first line of the input is the number of
// patterns, one digit; the patterns follow, one per line, and then the text.
#include "fuzz/check.hpp"
#include "regex/dfa.hpp"
#include "regex/host_finder.hpp"
#include "regex/line_matcher.hpp"
#include "regex/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::regex;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto head = take_line(rest);
  std::vector<Tree> trees;
  for (int left = head.empty() ? 1 : (head[0] & 7) + 1; left > 0; --left) {
    auto tree = parse(take_line(rest), {});
    if (tree && tree->nodes.size() < 200) {
      trees.push_back(std::move(*tree));
    }
  }
  const PatternSet set = make_set({}, trees);
  const Program& program = *set.program;
  if (trees.empty() || program.code.size() > 3'000) {
    return 0;
  }
  const std::string text = std::string(rest) + "\n";
  std::vector<std::uint32_t> roomy;
  LineFinder(program, std::size_t{1} << 20).find(text, roomy);
  std::vector<std::uint32_t> tight;
  LineFinder(program, 100).find(text, tight);
  FUZZ_LAW(roomy == tight);
  std::vector<std::uint32_t> filtered;
  HostFinder(set, std::size_t{1} << 20).find(text, filtered);
  FUZZ_LAW(roomy == filtered);
  if (const auto dfa = make_dfa(program, 500)) {
    std::vector<std::uint32_t> walked;
    std::uint32_t state = Dfa::kStart;
    for (std::size_t i = 0; i < text.size(); ++i) {
      state = dfa->next[state + dfa->class_of[static_cast<std::uint8_t>(text[i])]];
      if (state == dfa->hit()) {
        walked.push_back(static_cast<std::uint32_t>(i));
      }
    }
    FUZZ_LAW(roomy == walked);
  }
  LineMatcher matcher(program);
  std::vector<std::uint32_t> simulated;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    if (!matcher.which(std::string_view(text).substr(begin, end - begin)).empty()) {
      simulated.push_back(static_cast<std::uint32_t>(end));
    }
    begin = end + 1;
  }
  FUZZ_LAW(roomy == simulated);
  return 0;
}
