// From words to exit code:
//   1. hidden doors: __complete and __docs
//   2. scan: which command, which unknown words, help or version asked for
//   3. settings of files and environment become defaults
//   4. CLI11 parses the flags over them
//   5. the command's function runs and its answer is printed
// A failure of any step becomes one line on standard error.
#include "cli/program.hpp"

#include "base/edit_distance.hpp"
#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/console.hpp"
#include "cli/docs.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/scan.hpp"
#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "config/paths.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

// What is known about the command line before it is parsed; enough to report any failure.
struct Invocation {
  std::vector<std::string> words;
  Scan scan;
  const Environment& environment;
};

bool wants_json(const Invocation& call) {
  return call.scan.has("json") || call.scan.value("output") == "json";
}

int report_failure(const Error& error, const Invocation& call, bool as_json) {
  write_stderr(error_line(error, full_name(*call.scan.command), as_json));
  return exit_code(error.code);
}

int print(const Result<std::string>& text, int code, const Invocation& call, bool as_json) {
  if (!text) {
    return report_failure(text.error(), call, as_json);
  }
  const Status written = write_stdout(*text);
  return written ? code : report_failure(written.error(), call, as_json);
}

int print_version(const Invocation& call) {
  const std::string word = call.scan.has("output") ? call.scan.value("output") : "table";
  const bool json = wants_json(call);
  const auto format = json              ? OutputFormat::kJson
                      : word == "yaml"  ? OutputFormat::kYaml
                      : word == "plain" ? OutputFormat::kPlain
                                        : OutputFormat::kTable;
  if (format == OutputFormat::kTable && word != "table") {
    const auto meant = closest(word, {"table", "json", "yaml", "plain"});
    return report_failure({Errc::kUsage,
                           "--output: '" + word + "' is none of table, json, yaml, plain",
                           meant ? "did you mean '" + *meant + "'?" : "",
                           {}},
                          call, json);
  }
  return print(render(version_answer(), format), kExitDone, call, json);
}

Result<std::string> complete(const CommandTree& tree, const std::vector<std::string>& words,
                             const Environment& environment) {
  return completion_lines(tree, words, environment);
}

// Steps 1 and 2: everything that needs no configuration. Nothing when the command shall run.
std::optional<int> answer_without_running(const CommandTree& tree, const Invocation& call) {
  const Scan& scan = call.scan;
  const CommandNotes& notes = tree.notes(*scan.command);
  if (scan.unknown_command && scan.problem) {
    return report_failure(*scan.problem, call, wants_json(call));
  }
  if (scan.has("help")) {
    return print(scan.command->help(), kExitDone, call, wants_json(call));
  }
  if (scan.has("version")) {
    return print_version(call);
  }
  if (scan.problem) {
    return report_failure(*scan.problem, call, wants_json(call));
  }
  if (!notes.run) {
    write_stderr(scan.command->help());  // shown because a command is missing
    return kExitUsage;
  }
  return std::nullopt;
}

// Step 3.
Result<Config> configure(CommandTree& tree, const Invocation& call) {
  const std::string named = call.scan.has("config")
                                ? call.scan.value("config")
                                : call.environment.get("MARVEL_CONFIG").value_or("");
  MARVEL_TRY(Config config, Config::load(config_paths(call.environment), named, call.environment));
  if (config.has_files()) {  // which may hold keys of any command
    tree.open_all();
    MARVEL_TRY_STATUS(config.check_keys(config_schema(tree)));
  }
  MARVEL_TRY_STATUS(apply_settings(tree, *call.scan.command, config));
  return config;
}

// The command's path and its flags, as CLI11 reads them. Arguments stay out: CLI11 would take a
// file named "help" for the command.
std::vector<std::string> words_for_cli11(const Scan& scan) {
  std::vector<std::string> words = path_of(*scan.command);
  for (const auto& [flag, value] : scan.given) {
    words.push_back("--" + key_of(*flag));
    if (takes_value(*flag)) {
      words.push_back(value);
    }
  }
  std::reverse(words.begin(), words.end());
  return words;
}

// Hands the words without a flag to the command's positionals, in order.
Status read_arguments(const CommandTree& tree, const Scan& scan) {
  auto word = scan.arguments.begin();
  for (const CLI::Option* argument : positionals(*scan.command)) {
    const OptionNotes& notes = tree.notes(*argument);
    if (notes.required && word == scan.arguments.end()) {
      return fail(Errc::kUsage, argument->get_type_name() + " is missing",
                  "usage: " + usage_line(tree, *scan.command));
    }
    const auto room =
        std::min<std::ptrdiff_t>(scan.arguments.end() - word, argument->get_items_expected_max());
    for (const auto end = word + room; word != end; ++word) {
      MARVEL_TRY_STATUS(notes.assign(*word));
    }
  }
  return {};
}

// Step 4. The scan has refused unknown words already, so what CLI11 refuses are values.
Status parse(CommandTree& tree, const Invocation& call) {
  try {
    auto words = words_for_cli11(call.scan);
    tree.root().parse(words);
  } catch (const CLI::ParseError& error) {
    return fail(Errc::kUsage, error.what());
  }
  return read_arguments(tree, call.scan);
}

// Step 5.
int run(CommandTree& tree, const Invocation& call, const Config& config) {
  const Globals& globals = tree.globals;
  const bool json = globals.output == OutputFormat::kJson;
  // NOLINTBEGIN(misc-const-correctness): it misses that they are handed on by reference.
  static StopFlag stop;  // signals come until the program ends
  report::Terminal console(terminal_options(globals, call.environment), write_stderr);
  Context context{console, console, stop};
  Session session{globals, call.environment, config, tree, context};
  // NOLINTEND(misc-const-correctness)
  stop_on_signals(stop);
  const auto answer = tree.notes(*call.scan.command).run(session);
  console.end();  // of work that failed half-way
  if (!answer) {
    const int code = report_failure(answer.error(), call, json);
    return stop.raised() ? exit_code_of_signal(stop.signal()) : code;
  }
  const int code = print(render(*answer, globals.output), answer->exit_code, call, json);
  if (!answer->notice.empty()) {
    console.info(answer->notice);
  }
  return code;
}

}  // namespace

int run_program(const std::vector<std::string>& words, const Environment& environment) {
  CommandTree tree;
  register_commands(tree, words);
  const bool is_door = !words.empty() && (words[0] == "__complete" || words[0] == "__docs");
  if (is_door) {
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    const Invocation door{{}, scan_words(tree, {}), environment};
    return print(
        words[0] == "__docs" ? options_as_scdoc(tree, rest) : complete(tree, rest, environment),
        kExitDone, door, false);
  }
  const Invocation call{words, scan_words(tree, words), environment};
  if (const auto code = answer_without_running(tree, call)) {
    return *code;
  }
  const auto config = configure(tree, call);
  if (!config) {
    return report_failure(config.error(), call, wants_json(call));
  }
  if (const Status parsed = parse(tree, call); !parsed) {
    const bool json = wants_json(call) || tree.globals.output == OutputFormat::kJson;
    return report_failure(parsed.error(), call, json);
  }
  return run(tree, call, *config);
}

}  // namespace marvel::cli
