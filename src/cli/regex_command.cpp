#include "base/cpus.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/regex_view.hpp"
#include "config/paths.hpp"
#include "regex/database.hpp"
#include "regex/search.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <unistd.h>

namespace marvel::cli {
namespace {

using regex::FileNames;

constexpr std::uint64_t kDefaultMemory = std::uint64_t{64} << 20;
constexpr std::uint64_t kLeastMemory = std::uint64_t{1} << 20;
constexpr int kMostThreads = 1024;

// Everything the flags say.
struct RegexFlags {
  std::vector<std::string> pattern_files;
  std::vector<std::string> expressions;
  std::vector<std::string> more_inputs;  // words without a flag
  regex::PatternOptions patterns;
  regex::SearchOptions search;
  std::optional<std::uint64_t> memory_limit;
  int threads = 0;
  bool as_text = false;
  bool extended = false;
  std::string device = "auto";
  // What is done instead of a search, or beside it.
  bool list_devices = false;
  bool warm_up = false;
  bool bench = false;
  bool explain = false;
  bool stats = false;
  std::string save_db;
  std::string load_db;
};

// --- flags ---

void bind_patterns(Binder& bind, RegexFlags& flags) {
  bind.group("Patterns");
  bind.list("--patterns,-p", "FILE", flags.pattern_files,
            "File of patterns, one per line; may be given again")
      .files = Files::kFile;
  bind.list("--pattern,-e", "REGEX", flags.expressions, "A pattern; may be given again");
  bind.flag("--fixed-strings,-F", flags.patterns.literal, "Patterns are plain text");
  bind.flag("--extended-regexp,-E", flags.extended, "Accepted for scripts; changes nothing");
  bind.flag("--ignore-case,-y", flags.patterns.ignore_case, "Letters match both cases");
  bind.flag("--unicode", flags.patterns.unicode, "Patterns and text are UTF-8, not bytes");
  bind.flag("--word-regexp,-w", flags.patterns.word, "Matches end at words' edges");
  bind.flag("--line-regexp,-x", flags.patterns.line, "Matches are whole lines");
  bind.flag(
      "--no-comments", [&flags](bool on) { flags.patterns.comments = !on; },
      "A '#' in a pattern file begins a pattern");
  bind.value("--load-db", "FILE", flags.load_db, "Compiled patterns instead of others").files =
      Files::kFile;
}

void bind_input(Binder& bind, RegexFlags& flags) {
  bind.group("Input");
  bind.list("--input,-i", "FILE", flags.search.inputs, "File to search, - for standard input")
      .files = Files::kFile;
  bind.flag("--recursive,-r", flags.search.recursive, "Files below folders; without FILE, below .");
  bind.list("--include", "GLOB", flags.search.files.include,
            "With -r: only files with such names; may be given again");
  bind.list("--exclude", "GLOB", flags.search.files.exclude, "With -r: no files with such names");
  bind.list("--exclude-dir", "GLOB", flags.search.files.exclude_dir,
            "With -r: no folders with such names");
  bind.flag("--search-zip,-z", flags.search.unpack, "Search in what gzip, zstd or xz have packed");
  bind.flag("--text,-a", flags.as_text, "Print matching lines of binary input to terminals too");
  auto& notes = bind.positional("input", flags.more_inputs, "Files to search as well");
  notes.files = Files::kFile;
}

void bind_selection(Binder& bind, RegexFlags& flags) {
  bind.group("Which lines");
  bind.flag("--invert-match,-v", flags.search.invert, "Lines that do not match");
  bind.flag("--all-of", flags.search.all_of, "Lines that match every pattern");
  bind.value("--max-count,-m", "N", flags.search.max_count, "At most N lines of each input");
}

void bind_printing(Binder& bind, RegexFlags& flags) {
  bind.group("What is printed");
  regex::SearchOptions& search = flags.search;
  bind.flag("--line-number,-n", search.line_numbers, "Number of the line, from 1");
  bind.flag("--byte-offset,-b", search.byte_offsets, "Offset of the line, from 0");
  bind.flag("--only-matching,-o", search.only_matching, "Only what matches, one match per line");
  bind.flag("--which", search.which, "Ids of the patterns that match");
  bind.flag("--count,-c", search.count, "Only the number of lines");
  bind.flag("--count-by-pattern", search.count_by_pattern,
            "Only each pattern's id and its number of lines");
  bind.flag("--files-with-matches,-l", search.names_only, "Only names of inputs that match");
  bind.flag(
      "--with-filename,-H",
      [&search](bool on) { search.file_names = on ? FileNames::kAlways : search.file_names; },
      "Name of the input, also if it is the only one");
  bind.flag(
      "--no-filename,-h",
      [&search](bool on) { search.file_names = on ? FileNames::kNever : search.file_names; },
      "No name of the input");
  bind.flag("--null", search.null_names, "A NUL byte behind names");
  bind.flag("--line-buffered", search.line_buffered, "Print as soon as something is found");
  bind.flag("--stats", flags.stats,
            "At the end, on standard error: how much was searched, how fast");
}

void bind_work(Binder& bind, RegexFlags& flags) {
  bind.group("Work");
  bind.value("--device", "DEVICE", flags.device,
             "auto, host, cpu, gpu, or a number from --list-devices");
  bind.value("--threads", "N", flags.threads, "Threads that search; 0 uses all cores");
  bind.size("--memory-limit", flags.memory_limit, "For automata, as in 256MiB [64MiB]");
}

void bind_instead(Binder& bind, RegexFlags& flags) {
  bind.group("Instead of a search");
  bind.flag("--list-devices", flags.list_devices, "OpenCL devices of this machine");
  bind.flag("--warm-up", flags.warm_up,
            "Compile what devices need, so that searches need not wait");
  bind.flag("--bench", flags.bench, "Measure every engine and device on the input");
  bind.value("--save-db", "FILE", flags.save_db, "Compile the patterns into FILE for --load-db")
      .files = Files::kFile;
  bind.flag("--explain", flags.explain, "How each pattern is searched for");
}

// --- running ---

class StandardOutput : public regex::Output {
 public:
  Status write(std::string_view text) override { return write_stdout(text); }
};

Result<std::vector<regex::Pattern>> collect_patterns(const RegexFlags& flags, Log& log) {
  std::vector<regex::Pattern> patterns;
  for (const auto& path : flags.pattern_files) {
    MARVEL_TRY(const std::string text, path == "-" ? read_standard_input() : read_file(path));
    auto file = regex::read_patterns(text, path, flags.patterns);
    if (file.empty_lines > 0) {
      log.info(path + ": " + std::to_string(file.empty_lines) + " empty lines left out");
    }
    for (const auto line : file.broken_forms) {
      log.warning(path + ":" + std::to_string(line) +
                  ": begins as ID:/REGEX/FLAGS but does not go on so; taken as a pattern as it is");
    }
    const bool ids_clash = flags.pattern_files.size() > 1;
    for (auto& pattern : file.patterns) {
      pattern.id = ids_clash ? path + ":" + pattern.id : pattern.id;
      patterns.push_back(std::move(pattern));
    }
  }
  std::size_t number = 0;
  for (const auto& expression : flags.expressions) {
    for (const auto& text : split(expression, '\n')) {  // several patterns, as in grep
      patterns.push_back(regex::command_line_pattern(text, ++number, flags.patterns));
      if (!flags.pattern_files.empty()) {
        patterns.back().id = "e" + patterns.back().id;
      }
    }
  }
  return patterns;
}

Status check_database(const RegexFlags& flags) {
  const regex::PatternOptions& options = flags.patterns;
  const bool others = !flags.pattern_files.empty() || !flags.expressions.empty();
  const bool how =
      options.literal || options.ignore_case || options.unicode || options.word || options.line;
  if (!flags.load_db.empty() && (others || how)) {
    return fail(Errc::kUsage, "--load-db brings its own patterns, and how they are read",
                "leave out -p, -e, -F, -y, -w, -x and --unicode, or --load-db");
  }
  return {};
}

// Standard input can be read once.
Status check_stdin(const RegexFlags& flags) {
  const auto uses = [](const std::vector<std::string>& paths) {
    return std::count(paths.begin(), paths.end(), "-");
  };
  const auto patterns = uses(flags.pattern_files);
  const bool by_default = flags.search.inputs.empty() && flags.more_inputs.empty() &&
                          !flags.search.recursive && !flags.explain && flags.save_db.empty();
  if (patterns > 1 || (patterns == 1 && (by_default || uses(flags.search.inputs) > 0 ||
                                         uses(flags.more_inputs) > 0))) {
    return fail(Errc::kUsage, "standard input cannot be both patterns and text",
                "name a file for one of them");
  }
  return {};
}

// Flags of which one would be passed over in silence, or make the other one's answer wrong.
Status check_pairs(const RegexFlags& flags) {
  if (flags.search.names_only && flags.search.count_by_pattern) {  // -l stops at the first line
    return fail(Errc::kUsage, "--files-with-matches and --count-by-pattern exclude each other",
                "leave out one of them");
  }
  if (flags.bench && (flags.search.recursive || flags.search.unpack)) {
    return fail(Errc::kUsage, "--bench reads plain files, without --recursive or --search-zip",
                "name the files, unpacked");
  }
  return {};
}

Status check(const RegexFlags& flags, const Globals& globals) {
  const bool prints_lines = !flags.list_devices && !flags.warm_up && !flags.bench && !flags.explain;
  if (prints_lines && globals.output == OutputFormat::kYaml) {
    return fail(Errc::kUsage, "regex prints lines, or with --json one object for each",
                "leave out --output yaml");
  }
  MARVEL_TRY_STATUS(regex::check_device(flags.device));
  const std::array instead{flags.list_devices, flags.warm_up, flags.bench, flags.explain,
                           !flags.save_db.empty()};
  if (std::count(instead.begin(), instead.end(), true) > 1) {
    return fail(Errc::kUsage,
                "--list-devices, --warm-up, --bench, --save-db and --explain exclude each other");
  }
  MARVEL_TRY_STATUS(check_pairs(flags));
  MARVEL_TRY_STATUS(check_database(flags));
  const bool needs_patterns = !flags.list_devices && !flags.warm_up;
  if (needs_patterns && flags.load_db.empty() && flags.pattern_files.empty() &&
      flags.expressions.empty()) {
    return fail(Errc::kUsage, "no pattern", "give one with -e REGEX, or a file of them with -p");
  }
  if (flags.threads < 0 || flags.threads > kMostThreads) {
    return fail(Errc::kUsage, "--threads must be from 0 to " + std::to_string(kMostThreads));
  }
  if (flags.memory_limit && *flags.memory_limit < kLeastMemory) {
    return fail(Errc::kUsage, "--memory-limit must be 1MiB or more");
  }
  return check_stdin(flags);
}

// Where compiled kernels are kept.
std::filesystem::path kernel_folder(const Environment& environment) {
  const auto cache = cache_folder(environment);
  return cache.empty() ? cache : cache / "opencl";
}

regex::SearchOptions search_options(const RegexFlags& flags, const Globals& globals,
                                    const Environment& environment) {
  regex::SearchOptions options = flags.search;
  options.inputs.insert(options.inputs.end(), flags.more_inputs.begin(), flags.more_inputs.end());
  if (options.inputs.empty()) {
    options.inputs = {options.recursive ? "." : "-"};
  }
  if (options.recursive && options.file_names == FileNames::kAuto) {
    options.file_names = FileNames::kAlways;
  }
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  options.quiet = globals.quiet;
  options.json = globals.output == OutputFormat::kJson;
  options.as_text = flags.as_text || options.json || !terminal;
  options.line_buffered |= terminal;
  options.output_fd = STDOUT_FILENO;
  options.threads = flags.threads > 0 ? flags.threads : std::min(usable_cpus(), kMostThreads);
  options.memory_limit = flags.memory_limit.value_or(kDefaultMemory);
  options.device = {flags.device, kernel_folder(environment)};
  return options;
}

Result<Answer> warm_up(const std::string& choice, Session& session) {
  namespace opencl = regex::opencl;
  MARVEL_TRY(auto devices, opencl::list_devices());
  if (choice != "auto") {
    MARVEL_TRY(auto device, opencl::find_device(devices, choice));
    devices = {std::move(device)};
  }
  std::vector<WarmDevice> warm;
  for (const auto& device : devices) {
    const auto start = std::chrono::steady_clock::now();
    const auto ready = opencl::warm_up(device, kernel_folder(session.environment));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    warm.push_back({device, taken.count(), ready ? "" : describe(ready.error())});
  }
  return warm_up_answer(warm);
}

Result<Answer> bench(const regex::PatternSet& set, const regex::SearchOptions& search,
                     Context& context) {
  MARVEL_TRY(const std::string text, regex::read_inputs(search.inputs, context.stop));
  const regex::MeasureOptions options{search.threads, search.memory_limit, search.device};
  MARVEL_TRY(const auto speeds, regex::measure(set, text, options, context));
  Answer answer = speeds_answer(speeds, text.size());
  if (context.stop.raised()) {
    answer.exit_code = exit_code_of_signal(context.stop.signal());
  }
  return answer;
}

// Which is 2 for every failure, so that scripts need know only one. JSON still has the word for it.
Error with_code_of_grep(Error error) {
  error.reason = reason_of(error);
  error.code = Errc::kInput;
  return error;
}

Result<Answer> search(const regex::PatternSet& set, const RegexFlags& flags,
                      const regex::SearchOptions& options, Context& context) {
  StandardOutput output;
  if (std::count(options.inputs.begin(), options.inputs.end(), "-") > 0 &&
      ::isatty(STDIN_FILENO) == 1) {
    context.log.info("reading standard input; end it with Ctrl-D");
  }
  const auto start = std::chrono::steady_clock::now();
  const auto result = regex::search(set, options, output, context);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (!result) {
    return fail(with_code_of_grep(result.error()));
  }
  Answer answer;
  if (flags.stats) {
    answer.notice = stats_line(*result, taken.count());
  }
  if (result->stopped) {
    answer.exit_code = exit_code_of_signal(context.stop.signal());
  } else if (result->failed && !(options.quiet && result->matched)) {
    answer.exit_code = kExitUsage;
  } else {
    answer.exit_code = result->matched ? kExitDone : kExitNo;
  }
  return answer;
}

Result<regex::PatternSet> read_set(const RegexFlags& flags, Log& log) {
  if (!flags.load_db.empty()) {
    MARVEL_TRY(const std::string bytes, read_file(flags.load_db));
    return regex::unpack_set(bytes, flags.load_db);
  }
  MARVEL_TRY(auto patterns, collect_patterns(flags, log));
  return regex::compile(std::move(patterns), flags.patterns, log);
}

Result<Answer> run_regex(const RegexFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(check(flags, session.globals));
  if (flags.list_devices) {
    MARVEL_TRY(const auto devices, regex::opencl::list_devices());
    return devices_answer(devices);
  }
  if (flags.warm_up) {
    return warm_up(flags.device, session);
  }
  Context& context = session.context;
  MARVEL_TRY(const regex::PatternSet set, read_set(flags, context.log));
  if (!flags.save_db.empty()) {
    MARVEL_TRY_STATUS(write_file_atomically(flags.save_db, regex::pack_set(set)));
    return Answer();
  }
  if (flags.explain) {
    return plan_answer(regex::explain(set), set.patterns);
  }
  const auto options = search_options(flags, session.globals, session.environment);
  return flags.bench ? bench(set, options, context) : search(set, flags, options, context);
}

void bind_flags(Binder& bind, RegexFlags& flags) {
  bind.this_run_only(true);
  bind_instead(bind, flags);
  bind_patterns(bind, flags);
  bind_input(bind, flags);
  bind_selection(bind, flags);
  bind_printing(bind, flags);
  bind.this_run_only(false);
  bind_work(bind, flags);
}

}  // namespace

void register_regex(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"marvel regex -p keywords.txt -i captions.txt", "lines that match any of the patterns"},
      {"marvel regex -n --which -p rules.txt /var/log/auth.log", "and which patterns they match"},
      {"tail -f app.log | marvel regex -e 'error|fatal' --json", "matches as they come"}};
  notes.exit_codes = {{"0", "some line was selected"},
                      {"1", "no line was selected"},
                      {"2",
                       "a pattern, a flag, an input or the output was bad; other inputs were "
                       "searched"}};
  const auto flags = std::make_shared<RegexFlags>();
  notes.run = [flags](Session& session) { return run_regex(*flags, session); };
  tree.add_closed("regex", "Print the lines that match any of many patterns", "Streams",
                  std::move(notes), [flags](CommandTree& all, CLI::App& command) {
                    Binder bind(all, command);
                    bind_flags(bind, *flags);
                  });
}

}  // namespace marvel::cli
