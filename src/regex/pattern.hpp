#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "regex/dfa_groups.hpp"
#include "regex/program.hpp"
#include "regex/qgram_filter.hpp"
#include "regex/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// One pattern as it was given. The way of patterns is: read_patterns() or command_line_pattern(),
// as often as wished, then compile() for all of them, and the set goes to search(), explain(),
// measure() or pack_set(). Numbers of patterns are places in the list that compile() was given.
struct Pattern {
  std::string text;
  // What --which prints. Ids need not be distinct; compile() warns when they are not.
  std::string id;
  ParseFlags flags;
  std::string origin;      // "rules.txt" or "-e"
  std::size_t line = 0;    // in the file, from 1; the number of the -e otherwise
  std::size_t column = 1;  // where `text` begins in its line, from 1
};

// How patterns are read and what all of them are subject to. `literal`, `ignore_case` and `unicode`
// go into each pattern's flags, `word` and `line` into the automaton. `line` wins over `word`.
struct PatternOptions {
  bool literal = false;      // -F: no pattern is a regular expression, no line a comment
  bool ignore_case = false;  // --ignore-case
  bool word = false;         // -w
  bool line = false;         // -x
  bool unicode = false;      // --unicode
  bool comments = true;      // "#" begins a comment line in a pattern file
};

// What read_patterns() found, with what people should be told about it.
struct PatternFile {
  std::vector<Pattern> patterns;
  std::size_t empty_lines = 0;  // grep would take each for a pattern that matches every line
  std::vector<std::size_t> broken_forms;  // lines that begin as "id:/regex/flags" and go on
                                          // otherwise, so they are patterns as they stand
};

// A pattern file: one pattern per line; the line end may be CRLF. Empty lines are left out, and so
// are comments: lines that begin with '#' ("\#" is a pattern that begins with one). Hyperscan's
// form "id:/regex/flags" gives an id and flags of its own: i ignores case; s, m, H and 8 change
// nothing; a comment may follow behind " #". With `literal` every line is text as it stands. Ids
// are line numbers unless given.
//   siren               the pattern "siren" with the id 1, when this is line 1
//   17:/si.en/i # loud  the pattern "si.en" with the id 17, letters in both cases
//   80:/x               a pattern as it stands, and a line of `broken_forms`
// Nothing is refused here; whether it is a pattern, compile() finds out. `origin` is for messages.
PatternFile read_patterns(std::string_view text, const std::string& origin,
                          const PatternOptions& options);

// The `number`th pattern of the command line, taken as it stands.
Pattern command_line_pattern(const std::string& text, std::size_t number,
                             const PatternOptions& options);

// Of all patterns of a set together. It bounds memory where patterns come from somebody else.
inline constexpr std::size_t kMostPositions = std::size_t{4} << 20;

// Patterns that are searched for together. A part knows its patterns by numbers of its own, which
// are places in `patterns`; its program and its tables use those.
struct PatternPart {
  std::vector<std::uint32_t> patterns;  // numbers, rising
  std::shared_ptr<const Program> program;
  // When every one of them requires some text of three bytes or more.
  std::optional<QgramFilter> filter;
  // Complete automata, when they were made already: in a set that was loaded from a database. Ask
  // tables_of().
  std::shared_ptr<const DfaGroups> tables;
};

// A set of patterns ready to be searched for. Immutable, so all threads share one; whoever searches
// keeps a reference, and the set outlives the search.
struct PatternSet {
  std::vector<Pattern> patterns;
  std::shared_ptr<const Program> program;          // of all patterns
  std::vector<std::vector<std::string>> required;  // per pattern; see required.hpp
  // Every pattern is in one part. There is one part, unless it would have no filter, there are 64
  // patterns or more, and some of them require texts of four bytes and more: then those are the
  // first part and the others the second one, so that a few patterns without useful text do not
  // keep the filter from many. How patterns are parted follows from `required` alone; databases
  // count on that.
  std::vector<PatternPart> parts;
};

// The complete automata of `part`: its own, or else made now and kept by nobody but the caller.
// Those behind a filter, which are for text where the filter finds too much, may cost less.
std::shared_ptr<const DfaGroups> tables_of(const PatternPart& part);

// Puts patterns that were taken apart together again: `program` and `required` have an entry for
// each of `patterns`. For databases.
PatternSet assemble_set(std::vector<Pattern> patterns, Program program,
                        std::vector<std::vector<std::string>> required);

// The set of `patterns`, whose trees are `trees`. No limit is looked at here. `patterns` may be
// empty where nothing of them is printed, as in tests.
PatternSet make_set(std::vector<Pattern> patterns, std::span<const Tree> trees);

// Parses all patterns. Each one that is refused is an error line in `log` with file, line, column
// and reason; kUsage afterwards says how many. kUsage also when all of them together, with repeats
// written out, have more than kMostPositions characters; so what patterns take is bounded, by about
// 80 bytes a position. An id that two patterns have is a warning. No automaton gets its states
// here: those are made when the text or a device needs them.
Result<PatternSet> compile(std::vector<Pattern> patterns, const PatternOptions& options, Log& log);

}  // namespace marvel::regex
