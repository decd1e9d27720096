#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/command.hpp"
#include "cli/settings.hpp"
#include "config/json.hpp"

#include <algorithm>
#include <memory>

namespace marvel::cli {
namespace {

std::string dotted(const SettingInForce& setting) {
  auto path = setting.command;
  path.push_back(setting.key);
  return join(path, ".");
}

std::string as_text(const std::vector<SettingInForce>& settings, bool with_origin) {
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  for (const auto& setting : settings) {
    name_width = std::max(name_width, dotted(setting).size());
    value_width = std::max(value_width, setting.value.size());
  }
  std::string text;
  for (const auto& setting : settings) {
    std::string line = dotted(setting);
    line.resize(name_width + 2, ' ');
    line += setting.value.empty() ? "-" : setting.value;
    if (with_origin) {
      line.resize(std::max(line.size(), name_width + 2 + value_width) + 2, ' ');
      line += setting.origin;
    }
    text += line + "\n";
  }
  return text;
}

std::string as_json(const std::vector<SettingInForce>& settings) {
  std::vector<std::string> rows;
  for (const auto& setting : settings) {
    rows.push_back(
        json_object({{"key", json_string(dotted(setting))},
                     {"value", setting.value.empty() ? "null" : json_string(setting.value)},
                     {"origin", json_string(setting.origin)}}));
  }
  return json_object(
      {{"schema", json_string("marvel.config/1")}, {"settings", "[" + join(rows, ", ") + "]"}});
}

// Other commands' settings were not read on the way here, and a wrong one should show.
Status check_all(const CommandTree& tree, const CLI::App& command, const Config& config) {
  MARVEL_TRY_STATUS(apply_settings(tree, command, config));
  for (const CLI::App* child : subcommands(command)) {
    MARVEL_TRY_STATUS(check_all(tree, *child, config));
  }
  return {};
}

Result<Answer> show(Session& session, bool with_origin) {
  // Reading them all again would undo this command's own flags, hence the copy.
  const Globals given = session.globals;
  session.tree.open_all();
  const Status checked = check_all(session.tree, session.tree.root(), session.config);
  session.tree.globals = given;
  MARVEL_TRY_STATUS(checked);
  const auto settings = settings_in_force(session.tree, session.tree.root(), session.config);
  return Answer{as_text(settings, with_origin), as_json(settings), 0, ""};
}

}  // namespace

void register_config(CommandTree& tree) {
  CLI::App& config =
      tree.add(tree.root(), "config", "Show settings and where they come from", "About marvel", {});
  CommandNotes notes;
  notes.examples = {
      {"marvel config show", "every setting in force"},
      {"MARVEL_EPOCHS=3 marvel config show --origin", "and which file or variable set it"}};
  const auto with_origin = std::make_shared<bool>(false);
  notes.run = [with_origin](Session& session) { return show(session, *with_origin); };
  CLI::App& command =
      tree.add(config, "show", "Print every setting in force", "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind.flag("--origin", *with_origin, "Also print where each value comes from");
}

}  // namespace marvel::cli
