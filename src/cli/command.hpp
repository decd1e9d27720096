#pragma once

#include "base/context.hpp"
#include "base/env.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace marvel::cli {

// The tree of commands. CLI11 holds names, flags and the parsing; the notes beside it hold what
// CLI11 has no place for: examples, choices, and the function that does the work. Help, man
// pages, completion, configuration keys and the parser all read this one tree, so they agree.
//
// Adding a command is one file with one function that calls CommandTree::add and binds its flags
// (see bind.hpp), plus its line in register_commands. The function that does the work receives
// parsed options, calls one library function, and returns an Answer; it prints nothing.

enum class OutputFormat { kTable, kJson, kYaml, kPlain };
enum class ColorMode { kAuto, kAlways, kNever };
enum class LogFormat { kText, kJson };

// Flags that every command has, in any position.
struct Globals {
  OutputFormat output = OutputFormat::kTable;
  bool quiet = false;
  int verbosity = 0;  // 0, 1 (-v) or 2 (-vv)
  ColorMode color = ColorMode::kAuto;
  LogFormat log_format = LogFormat::kText;
};

// What a command answers on standard output.
struct Answer {
  std::string text;    // for people, with a line end; printed as it is
  std::string json;    // the same as one document for --output json|yaml|plain; empty: always text
  int exit_code = 0;   // ExitCode, or 128 + signal
  std::string notice;  // a closing message on standard error ("Next: ..."), or empty
};

class CommandTree;

// What a running command may use. Everything outlives the run.
struct Session {
  const Globals& globals;
  const Environment& environment;
  const Config& config;
  CommandTree& tree;
  Context& context;
};

using Run = std::function<Result<Answer>(Session&)>;

struct Example {
  std::string command;
  std::string purpose;
};

// A row of one of help's small tables.
struct Row {
  std::string name;
  std::string help;
};

struct CommandNotes {
  std::vector<Example> examples;
  std::vector<Row> environment;       // variables that are no flags
  std::vector<Row> exit_codes;        // meanings special to this command, beside the common ones
  std::vector<std::string> see_also;  // command paths, as in "compress eval"
  Run run;                            // empty for a command that only groups others
};

// What a flag or positional names on disk, for completion.
enum class Files { kNone, kFile, kFolder };

struct OptionNotes {
  std::vector<std::string> choices;  // all values, or the ones worth offering
  Files files = Files::kNone;
  // More values worth offering, that only this machine knows: from small local files, at once.
  std::function<std::vector<std::string>(const Environment&)> offer;
  bool required = false;  // a positional that must be given
  // That presets the flag; empty for none. One variable is the same for all commands, so a flag
  // that means something else than others of its name has one of its own: "MARVEL_VPN_DEVICE".
  std::string variable;
  std::string default_text;  // built-in value as text; empty when there is none
  std::function<Status(const std::string&)> assign;  // reads a value from flag, file or variable
  // Of a flag that may be given again: takes what a file or a variable lists, in the place of what
  // weaker ones list. Empty for other flags.
  std::function<void(const std::vector<std::string>&)> assign_list;
};

class CommandTree {
 public:
  using Fill = std::function<void(CommandTree& tree, CLI::App& command)>;

  CommandTree();
  CommandTree(const CommandTree&) = delete;
  CommandTree& operator=(const CommandTree&) = delete;
  ~CommandTree();

  CLI::App& root() { return *root_; }
  [[nodiscard]] const CLI::App& root() const { return *root_; }

  // Adds `name` below `parent`, listed under `group` in the parent's help.
  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& purpose,
                const std::string& group, CommandNotes notes);

  // The same below the root, with `fill` to add its flags and subcommands later, by open or
  // open_all: CLI11 needs longer to make, and to destroy, the flags of all commands than most
  // commands need to run. Until then the command has a name, a purpose and notes.
  void add_closed(const std::string& name, const std::string& purpose, const std::string& group,
                  CommandNotes notes, Fill fill);
  // Fills the commands below the root that `words` name. Pointers into the tree stay valid.
  void open(const std::vector<std::string>& words);
  void open_all();

  CommandNotes& notes(const CLI::App& command);
  [[nodiscard]] const CommandNotes& notes(const CLI::App& command) const;
  OptionNotes& notes(const CLI::Option& option);
  [[nodiscard]] const OptionNotes& notes(const CLI::Option& option) const;

  Globals globals;

 private:
  std::unique_ptr<CLI::App> root_;
  std::map<std::string, Fill> closed_;  // by name
  std::map<const CLI::App*, CommandNotes> command_notes_;
  std::map<const CLI::Option*, OptionNotes> option_notes_;
};

// Reading the tree. Order is the order of registration everywhere.
std::vector<const CLI::App*> subcommands(const CLI::App& command);
const CLI::App* find_subcommand(const CLI::App& command, const std::string& name);
std::vector<const CLI::Option*> flags(const CLI::App& command);        // own ones only
std::vector<const CLI::Option*> positionals(const CLI::App& command);  // own ones only
// The root first, `command` last.
std::vector<const CLI::App*> chain(const CLI::App& command);
// {"compress", "train"}; empty for the root.
std::vector<std::string> path_of(const CLI::App& command);
// "marvel compress train"
std::string full_name(const CLI::App& command);
// "batch-size" for --batch-size: the key in files and, unless its notes name another, the stem of
// the variable.
std::string key_of(const CLI::Option& flag);
bool takes_value(const CLI::Option& option);
// The command at `path`, or kUsage with the likely meaning of the first unknown word.
Result<const CLI::App*> find_command(const CommandTree& tree, const std::vector<std::string>& path);

void register_globals(CommandTree& tree);
// Each adds commands below the root; called in this order, which is help's order.
void register_deploy(CommandTree& tree);
void register_taint(CommandTree& tree);
void register_compress(CommandTree& tree);
void register_fedl(CommandTree& tree);
void register_regex(CommandTree& tree);
void register_vpn(CommandTree& tree);
void register_config(CommandTree& tree);
void register_completion(CommandTree& tree);
void register_help(CommandTree& tree);
// All of them, in full.
void register_commands(CommandTree& tree);
// What a command line of `words` needs: all names, and what is below those that it names. What
// needs the others, too (settings files, documents), calls open_all.
void register_commands(CommandTree& tree, const std::vector<std::string>& words);

}  // namespace marvel::cli
