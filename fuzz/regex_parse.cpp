// Patterns: any bytes give a tree in postorder or a refusal that points into the pattern; what was
// accepted can be compiled and run.
#include "fuzz/check.hpp"
#include "regex/line_matcher.hpp"
#include "regex/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::regex;
  const std::string_view pattern(reinterpret_cast<const char*>(data), size);
  const auto tree = parse(pattern, {});
  if (!tree) {
    FUZZ_LAW(tree.error().offset <= size);
    FUZZ_LAW(!tree.error().reason.empty());
    return 0;
  }
  FUZZ_LAW(!tree->nodes.empty());
  for (std::uint32_t at = 0; at < tree->nodes.size(); ++at) {
    for (const auto child : tree->nodes[at].children) {
      FUZZ_LAW(child < at && tree->nodes[at].first <= tree->nodes[child].first);
    }
  }
  FUZZ_LAW(tree->nodes.back().first == 0);
  const Program program = make_program({&*tree, 1});
  FUZZ_LAW(program.code.size() <= 8 * kMaxExpanded);
  if (program.code.size() < 10'000) {
    LineMatcher matcher(program);
    const auto span = matcher.next_span(pattern.substr(0, pattern.find('\n')), 0, {0});
    FUZZ_LAW(!span || (span->begin <= span->end && span->end <= size));
  }
  return 0;
}
