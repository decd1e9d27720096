#include "cli/bind.hpp"
#include "cli/fedl_command.hpp"
#include "cli/fedl_status_view.hpp"
#include "cli/watch.hpp"
#include "federate/server/lookout.hpp"

#include <memory>

namespace marvel::cli {
namespace {

struct StatusFlags {
  std::string checkpoint;
  std::string control;
  bool watch = false;
};

Result<net::StatusPlace> place_of(const StatusFlags& flags) {
  auto place = federate::control_place(flags.checkpoint, flags.control);
  if (!place) {
    return fail(Errc::kUsage, "say which server: --checkpoint FOLDER or --control FILE",
                "as the server got it");
  }
  return std::move(*place);
}

Result<Answer> run_status(const StatusFlags& flags, Session& session) {
  MARVEL_TRY(const net::StatusPlace place, place_of(flags));
  const auto look = [&place]() -> Result<Answer> {
    MARVEL_TRY(const std::string json, net::read_status(place));
    return fedl_status_answer(json);
  };
  return flags.watch ? watch(session, look) : look();
}

}  // namespace

void add_fedl_status(CommandTree& tree, CLI::App& fedl) {
  const auto flags = std::make_shared<StatusFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl status --checkpoint run1", "round, clients, what each is doing"},
      {"marvel fedl status --checkpoint run1 --watch --json", "a document each two seconds"},
      {"marvel fedl status --control /run/fedl.sock", "of a server with that --control"}};
  notes.exit_codes = {{"3", "no server runs there"}};
  notes.see_also = {"fedl server"};
  notes.run = [flags](Session& session) { return run_status(*flags, session); };
  CLI::App& command =
      tree.add(fedl, "status", "Show what a running server is doing", "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind.value("--checkpoint", "FOLDER", flags->checkpoint, "Checkpoint folder of the server").files =
      Files::kFolder;
  bind.value("--control", "FILE", flags->control, "Control socket of the server").files =
      Files::kFile;
  bind.flag("--watch", flags->watch, "Again each two seconds, until SIGINT");
}

}  // namespace marvel::cli
