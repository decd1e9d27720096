#include "regex/pattern.hpp"

#include "regex/required.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace marvel::regex {
namespace {

// "12:/text/flags" taken apart.
struct Expression {
  std::string_view id;
  std::string_view text;
  bool ignore_case = false;
};

// Nothing when `line` has another form; then it is a pattern as it stands.
std::optional<Expression> as_expression(std::string_view line) {
  const auto digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || line.substr(digits, 2) != ":/") {
    return std::nullopt;
  }
  const auto comment = line.rfind(" #");
  const auto find_end = [line](std::size_t limit) { return line.rfind('/', limit); };
  auto end = find_end(std::string_view::npos);
  std::string_view flags = line.substr(end + 1);
  if (flags.find_first_not_of("ismH8") != std::string_view::npos &&
      comment != std::string_view::npos) {
    end = find_end(comment);
    flags = line.substr(end + 1, comment - end - 1);
  }
  while (!flags.empty() && flags.back() == ' ') {
    flags.remove_suffix(1);
  }
  if (end <= digits + 1 || flags.find_first_not_of("ismH8") != std::string_view::npos) {
    return std::nullopt;
  }
  return Expression{line.substr(0, digits), line.substr(digits + 2, end - digits - 2),
                    flags.find('i') != std::string_view::npos};
}

Pattern as_pattern(std::string_view line, std::size_t number, const PatternOptions& options) {
  Pattern pattern;
  pattern.line = number;
  pattern.id = std::to_string(number);
  pattern.text = line;
  pattern.flags = {options.ignore_case, options.literal};
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

// Nothing when some pattern can match without any known text.
std::optional<QgramFilter> make_filter(std::span<const Tree> trees) {
  std::vector<std::string> all;
  for (const Tree& tree : trees) {
    auto literals = required_literals(tree);
    if (literals.empty()) {
      return std::nullopt;
    }
    all.insert(all.end(), std::make_move_iterator(literals.begin()),
               std::make_move_iterator(literals.end()));
  }
  return QgramFilter::make(std::move(all));
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
    }
  }
  return file;
}

Pattern command_line_pattern(const std::string& text, std::size_t number,
                             const PatternOptions& options) {
  Pattern pattern;
  pattern.text = text;
  pattern.id = std::to_string(number);
  pattern.flags = {options.ignore_case, options.literal};
  pattern.origin = "-e";
  pattern.line = number;
  return pattern;
}

PatternSet make_set(std::vector<Pattern> patterns, std::span<const Tree> trees) {
  return {std::move(patterns), make_program(trees), make_filter(trees)};
}

Result<PatternSet> compile(std::vector<Pattern> patterns, const PatternOptions& options, Log& log) {
  std::vector<Tree> trees;
  trees.reserve(patterns.size());
  std::size_t refused = 0;
  for (const Pattern& pattern : patterns) {
    auto tree = parse_one(pattern, options);
    if (tree) {
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
  return make_set(std::move(patterns), trees);
}

}  // namespace marvel::regex
