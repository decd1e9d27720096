// Commands that are part of marvel's plan, shown so that users know where things will be. The
// front answers for them (see program.cpp): help says so, and running one is kUnsupported.
#include "cli/command.hpp"

namespace marvel::cli {
namespace {

void announce(CommandTree& tree, const std::string& name, const std::string& purpose,
              const std::string& group) {
  CommandNotes notes;
  notes.available = false;
  tree.add(tree.root(), name, purpose, group, std::move(notes));
}

}  // namespace

void register_cluster(CommandTree& tree) {
  register_taint(tree);
}

}

}  // namespace marvel::cli
