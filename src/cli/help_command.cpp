#include "cli/bind.hpp"
#include "cli/command.hpp"
#include "cli/help.hpp"

#include <memory>

namespace marvel::cli {

void register_help(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {{"marvel help compress train", "the same as marvel compress train --help"}};
  const auto path = std::make_shared<std::vector<std::string>>();
  notes.run = [path](Session& session) -> Result<Answer> {
    MARVEL_TRY(const CLI::App* topic, find_command(session.tree, *path));
    return Answer{help_text(session.tree, *topic), "", 0, ""};
  };
  CLI::App& command = tree.add(tree.root(), "help", "Explain marvel or one of its commands",
                               "About marvel", std::move(notes));
  Binder(tree, command).positional("command", *path, "The command to explain, word by word");
}

}  // namespace marvel::cli
