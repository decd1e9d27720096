#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "regex/accelerator.hpp"
#include "regex/pattern.hpp"
#include "regex/tree_walk.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// kAuto: with more than one input; a folder counts as one.
enum class FileNames { kAuto, kAlways, kNever };

// What to search, which lines to take, and what to print of them. Names are grep's where grep has
// the option. The defaults print the lines that match as they are.
//
// How the files of this folder work together: before a search, compile() parses the patterns
// (syntax.hpp), makes one automaton of them (program.hpp) and looks for texts that they require
// (required.hpp). Then, for every block of an input (input.hpp),
//   FinderPool  gives it to a thread, with a HostFinder and perhaps a device (accelerator.hpp),
//   QgramScan   finds the required texts, if the patterns have any,
//   LineFinder  walks the lines of these places, or all lines, and marks those that match,
//   Printer     selects lines and prints them; LineMatcher tells it patterns and spans.
// docs/design/004-regex.md says why.
struct SearchOptions {
  std::vector<std::string> inputs;  // paths; "-" is standard input

  bool unpack = false;     // -z: read what is in gzip, zstd and xz data
  bool recursive = false;  // -r: the files below folders
  FileFilter files;        // which of them

  bool invert = false;  // -v
  // --all-of: a line must match every pattern. Each line that some pattern matches is looked at
  // again.
  bool all_of = false;
  // -m: lines per input; reading it ends there.
  std::optional<std::uint64_t> max_count;

  bool quiet = false;             // -q: stop at the first match, print nothing
  bool names_only = false;        // -l
  bool count = false;             // -c
  bool count_by_pattern = false;  // --count-by-pattern
  bool only_matching = false;     // -o
  bool json = false;              // one object per line, schema marvel.regex.match/1
  FileNames file_names = FileNames::kAuto;
  bool line_numbers = false;   // -n
  bool byte_offsets = false;   // -b
  bool which = false;          // --which: ids of the patterns that match
  bool null_names = false;     // --null: NUL behind file names
  bool line_buffered = false;  // hand on what was found after every block that was read
  // False: of an input with NUL bytes say only that it matches. For terminals, which such bytes may
  // confuse.
  bool as_text = true;

  // What Output writes to in the end, if that is a descriptor. An input that is the same file would
  // grow as it is read: where all its lines may be printed it is a failed one, as in grep.
  int output_fd = -1;

  DeviceChoice device;
  int threads = 1;                                   // >= 1
  std::size_t memory_limit = std::size_t{64} << 20;  // bytes, for automata
};

// Where found lines go. write() may be called with any piece of the output, in order, by the thread
// that called search(). A piece need not end with a line, and lives only during the call.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;
  virtual Status write(std::string_view text) = 0;
};

// What is left to say when the lines are out: exit code and --stats.
struct SearchResult {
  std::uint64_t host_bytes = 0;    // searched on the CPU
  std::uint64_t device_bytes = 0;  // searched by an OpenCL device
  bool matched = false;            // some line was selected
  bool failed = false;             // an input could not be read; the log says which
  bool stopped = false;            // by context.stop
};

// Searches all inputs, in order. Inputs that cannot be read are errors in context.log and the
// others go on. A failure is one of the output, which ends the search. A device that fails is a
// warning, and the CPU does its work again.
//
// Reading, searching on options.threads threads and printing overlap. Output is the same for any
// number of threads and any device. Memory: a block of a mebibyte, or of eight with a device, for
// each thread and two more, and the automata's limit; it does not grow with the inputs (for very
// long lines see line_buffer.hpp). After context.stop what was printed so far is handed on, and
// counts that are not complete are left out.
Result<SearchResult> search(const PatternSet& set, const SearchOptions& options, Output& output,
                            Context& context);

}  // namespace marvel::regex
