#include "cli/bind.hpp"
#include "cli/command.hpp"

namespace marvel::cli {

void register_globals(CommandTree& tree) {
  Globals& globals = tree.globals;
  Binder bind(tree, tree.root());
  bind.group("Global flags");
  bind.choice(
      "--output,-o", {"table", "json", "yaml", "plain"}, 0,
      [&globals](std::size_t index) { globals.output = static_cast<OutputFormat>(index); },
      "Format of results; plain is one 'path TAB value' line per figure");
  // Both write the same field, and a later layer (a variable, then a flag) wins over an earlier.
  bind.flag(
      "--json",
      [&globals](bool on) { globals.output = on ? OutputFormat::kJson : OutputFormat::kTable; },
      "Same as --output json; errors become JSON too");
  bind.flag("--quiet,-q", globals.quiet, "No progress, no messages but warnings and errors");
  bind.counter("--verbose,-v", globals.verbosity, "More messages; -vv for even more");
  bind.choice(
      "--color", {"auto", "always", "never"}, 0,
      [&globals](std::size_t index) { globals.color = static_cast<ColorMode>(index); },
      "Colour on terminals; auto also honours NO_COLOR");
  bind.choice(
      "--log-format", {"text", "json"}, 0,
      [&globals](std::size_t index) { globals.log_format = static_cast<LogFormat>(index); },
      "Format of messages on standard error");
  bind.this_run_only(true);
  // These three are acted upon before parsing (see program.cpp); CLI11 only has to accept them.
  bind.add("--config", "FILE", "Read FILE in place of ./marvel.yaml",
           [](const std::string&) { return Status(); })
      .files = Files::kFile;
  bind.flag("--help,-h", [](bool) {}, "Show help and exit");
  bind.flag("--version", [](bool) {}, "Show version and exit");

  auto& notes = tree.notes(tree.root());
  notes.examples = {
      {"marvel compress train --data fashion-mnist", "train a network and prune it on the way"},
      {"marvel help compress train", "all about one command"}};
  notes.environment = {{"MARVEL_<FLAG>", "Presets a flag: MARVEL_BATCH_SIZE=64 is --batch-size 64"},
                       {"MARVEL_CONFIG", "Same as --config"},
                       {"MARVEL_PLUGIN_DIR", "Folder of libmarvel_ml.so, looked into first"},
                       {"NO_COLOR", "No colour when set to anything"},
                       {"XDG_CONFIG_HOME", "Holds marvel/config.yaml; default ~/.config"}};
}

}  // namespace marvel::cli
