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

enum class FileNames { kAuto, kAlways, kNever };  // kAuto: with more than one input

// What to search, which lines to take, and what to print of them. Names are grep's where grep has
// the option.
struct SearchOptions {
  std::vector<std::string> inputs;  // paths; "-" is standard input

  bool unpack = false;     // -z: read what is in gzip, zstd and xz data
  bool recursive = false;  // -r: the files below folders
  FileFilter files;        // which of them

  bool invert = false;                     // -v
  bool all_of = false;                     // --all-of: a line must match every pattern
  std::optional<std::uint64_t> max_count;  // -m: lines per input

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
  bool as_text = true;         // false: of an input with NUL bytes say only that it matches

  DeviceChoice device;
  int threads = 1;                                   // >= 1
  std::size_t memory_limit = std::size_t{64} << 20;  // bytes, for automata
};

// Where found lines go. write() may be called with any piece of the output, in order.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;
  virtual Status write(std::string_view text) = 0;
};

struct SearchResult {
  std::uint64_t host_bytes = 0;    // searched on the CPU
  std::uint64_t device_bytes = 0;  // searched by an OpenCL device
  bool matched = false;            // some line was selected
  bool failed = false;             // an input could not be read; the log says which
  bool stopped = false;            // by context.stop
};

// Searches all inputs, in order. Inputs that cannot be read are errors in context.log and the
// others go on. A failure is one of the output, which ends the search.
Result<SearchResult> search(const PatternSet& set, const SearchOptions& options, Output& output,
                            Context& context);

}  // namespace marvel::regex
