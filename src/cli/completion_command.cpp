#include "cli/bind.hpp"
#include "cli/command.hpp"
#include "cli/completion.hpp"

#include <memory>

namespace marvel::cli {

void register_completion(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"source <(marvel completion bash)", "in ~/.bashrc"},
      {"marvel completion zsh > ~/.zfunc/_marvel", "a folder of zsh's $fpath"},
      {"marvel completion fish > ~/.config/fish/completions/marvel.fish", "once, for fish"}};
  const auto shell = std::make_shared<std::string>();
  notes.run = [shell](Session&) -> Result<Answer> {
    MARVEL_TRY(std::string script, completion_script(*shell));
    return Answer{std::move(script), "", 0, ""};
  };
  CLI::App& command = tree.add(tree.root(), "completion", "Print the TAB completion of a shell",
                               "About marvel", std::move(notes));
  auto& argument = Binder(tree, command).positional("shell", *shell, "The shell to complete in");
  argument.choices = {"bash", "zsh", "fish"};
  argument.required = true;
}

}  // namespace marvel::cli
