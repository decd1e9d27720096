#include "regex/pattern.hpp"

#include "regex/required.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace marvel::regex {
namespace {

// "12:/text/flags" taken apart.
struct Expression {
  std::string_view id;
  std::string_view text;
  bool ignore_case = false;
};

// Whether `line` begins as that form does.
bool begins_expression(std::string_view line) {
  const auto digits = line.find_first_not_of("0123456789");
  return digits != 0 && digits != std::string_view::npos && line.substr(digits, 2) == ":/";
}

constexpr std::string_view kFlags = "ismH8";
constexpr std::string_view kBlanks = " \t";

// Where the flags that begin at `at` end, if nothing but blanks or a comment follows them.
std::optional<std::size_t> end_of_flags(std::string_view line, std::size_t at) {
  const auto end = std::min(line.find_first_not_of(kFlags, at), line.size());
  const auto next = line.find_first_not_of(kBlanks, end);
  const bool last = next == std::string_view::npos || (next > end && line[next] == '#');
  return last ? std::optional(end) : std::nullopt;
}

// Nothing when `line` has another form; then it is a pattern as it stands. The pattern ends at the
// first slash that can be the last: the text may hold others, and so may the comment.
std::optional<Expression> as_expression(std::string_view line) {
  if (!begins_expression(line)) {
    return std::nullopt;
  }
  const auto digits = line.find_first_not_of("0123456789");
  const auto begin = digits + 2;
  for (auto slash = line.find('/', begin); slash != std::string_view::npos;
       slash = line.find('/', slash + 1)) {
    if (const auto end = end_of_flags(line, slash + 1)) {
      const auto flags = line.substr(slash + 1, *end - slash - 1);
      return Expression{line.substr(0, digits), line.substr(begin, slash - begin),
                        flags.find('i') != std::string_view::npos};
    }
  }
  return std::nullopt;
}

Pattern as_pattern(std::string_view line, std::size_t number, const PatternOptions& options) {
  Pattern pattern;
  pattern.line = number;
  pattern.id = std::to_string(number);
  pattern.text = line;
  pattern.flags = {options.ignore_case, options.literal, options.unicode};
  if (options.literal) {
    return pattern;
  }
  if (const auto expression = as_expression(line)) {
    pattern.id = expression->id;
    pattern.text = expression->text;
    pattern.column = static_cast<std::size_t>(expression->text.data() - line.data()) + 1;
    pattern.flags.ignore_case |= expression->ignore_case;
  }
  return pattern;
}

std::string place(const Pattern& pattern, const SyntaxError& error) {
  const std::string column = std::to_string(pattern.column + error.offset);
  if (pattern.origin == "-e") {
    return "pattern " + std::to_string(pattern.line) + " of -e, column " + column;
  }
  return pattern.origin + ":" + std::to_string(pattern.line) + ":" + column;
}

Parsed<Tree> parse_one(const Pattern& pattern, const PatternOptions& options) {
  auto tree = parse(pattern.text, pattern.flags);
  if (tree && options.line) {
    return whole_line(std::move(*tree));
  }
  if (tree && options.word) {
    return whole_word(std::move(*tree));
  }
  return tree;
}

using Literals = std::vector<std::string>;

// Below this many patterns one automaton walks over all of the text as fast as two engines would.
constexpr std::size_t kWorthParting = 64;
constexpr std::size_t kUsefulLength = 4;
constexpr std::size_t kSpareWork = std::size_t{4} << 20;  // table entries

bool are_all(const Literals& literals, std::size_t length) {
  return !literals.empty() && std::all_of(literals.begin(), literals.end(),
                                          [&](const auto& text) { return text.size() >= length; });
}

PatternPart make_part(std::vector<std::uint32_t> patterns, std::shared_ptr<const Program> program,
                      const std::vector<Literals>& required) {
  Literals all;
  bool every_one = true;
  for (const auto pattern : patterns) {
    every_one = every_one && !required[pattern].empty();
    all.insert(all.end(), required[pattern].begin(), required[pattern].end());
  }
  PatternPart part{std::move(patterns), std::move(program), std::nullopt, nullptr};
  if (every_one) {
    part.filter = QgramFilter::make(std::move(all));
  }
  return part;
}

std::vector<PatternPart> make_parts(const std::shared_ptr<const Program>& program,
                                    const std::vector<Literals>& required) {
  std::vector<std::uint32_t> everyone;
  std::vector<std::uint32_t> useful;
  std::vector<std::uint32_t> others;
  for (std::uint32_t i = 0; i < required.size(); ++i) {
    everyone.push_back(i);
    (are_all(required[i], kUsefulLength) ? useful : others).push_back(i);
  }
  std::vector<PatternPart> parts;
  parts.push_back(make_part(everyone, program, required));
  if (parts[0].filter || everyone.size() < kWorthParting || useful.empty()) {
    return parts;
  }
  parts.clear();
  for (auto* part : {&useful, &others}) {
    auto its_program = std::make_shared<const Program>(only(*program, *part));
    parts.push_back(make_part(std::move(*part), std::move(its_program), required));
  }
  return parts;
}

}  // namespace

PatternFile read_patterns(std::string_view text, const std::string& origin,
                          const PatternOptions& options) {
  PatternFile file;
  const bool comments = options.comments && !options.literal;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      ++file.empty_lines;
    } else if (!comments || line.front() != '#') {
      file.patterns.push_back(as_pattern(line, number, options));
      file.patterns.back().origin = origin;
      if (!options.literal && begins_expression(line) && !as_expression(line)) {
        file.broken_forms.push_back(number);
      }
    }
  }
  return file;
}

Pattern command_line_pattern(const std::string& text, std::size_t number,
                             const PatternOptions& options) {
  Pattern pattern;
  pattern.text = text;
  pattern.id = std::to_string(number);
  pattern.flags = {options.ignore_case, options.literal, options.unicode};
  pattern.origin = "-e";
  pattern.line = number;
  return pattern;
}

std::shared_ptr<const DfaGroups> tables_of(const PatternPart& part) {
  if (part.tables) {
    return part.tables;
  }
  DfaLimits limits;
  limits.work = part.filter ? kSpareWork : limits.work;
  return std::make_shared<const DfaGroups>(make_dfa_groups(*part.program, limits));
}

PatternSet assemble_set(std::vector<Pattern> patterns, Program program,
                        std::vector<Literals> required) {
  PatternSet set;
  set.patterns = std::move(patterns);
  set.program = std::make_shared<const Program>(std::move(program));
  set.required = std::move(required);
  set.parts = make_parts(set.program, set.required);
  return set;
}

PatternSet make_set(std::vector<Pattern> patterns, std::span<const Tree> trees) {
  std::vector<Literals> required;
  required.reserve(trees.size());
  for (const Tree& tree : trees) {
    required.push_back(required_literals(tree));
  }
  return assemble_set(std::move(patterns), make_program(trees), std::move(required));
}

namespace {

void warn_of_shared_ids(const std::vector<Pattern>& patterns, Log& log) {
  std::set<std::string_view> ids;
  for (const Pattern& pattern : patterns) {
    if (!ids.insert(pattern.id).second) {
      log.warning("two patterns have the id '" + pattern.id +
                  "', so --which cannot tell them apart: " + place(pattern, {}));
      return;  // one is enough: with two files there may be thousands
    }
  }
}

}  // namespace

Result<PatternSet> compile(std::vector<Pattern> patterns, const PatternOptions& options, Log& log) {
  std::vector<Tree> trees;
  trees.reserve(patterns.size());
  std::size_t refused = 0;
  std::size_t size = 0;
  for (const Pattern& pattern : patterns) {
    auto tree = parse_one(pattern, options);
    if (tree) {
      size += positions(*tree);
      if (size > kMostPositions) {
        return fail(Errc::kUsage,
                    place(pattern, {}) + ": from this pattern on the set has more than " +
                        std::to_string(kMostPositions) + " positions, repeats written out",
                    "split the patterns, or repeat less");
      }
      trees.push_back(std::move(*tree));
      continue;
    }
    ++refused;
    log.write(LogLevel::kError, place(pattern, tree.error()) + ": " + tree.error().reason);
  }
  if (refused > 0) {
    return fail(Errc::kUsage,
                std::to_string(refused) + " of " + std::to_string(patterns.size()) +
                    " patterns are refused",
                "see 'marvel help regex' for the dialect, or -F for plain text");
  }
  warn_of_shared_ids(patterns, log);
  return make_set(std::move(patterns), trees);
}

}  // namespace marvel::regex
