#include "cli/fedl_command.hpp"

#include <utility>

namespace marvel::cli {

void register_fedl(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl server --rounds 10 --min-available 2 --checkpoint run1", "serve"},
      {"marvel fedl client --cid 1 --server-address localhost:8080 --data mnist", "take part"}};
  CLI::App& fedl = tree.add(tree.root(), "fedl", "Train one model with many clients", "Models",
                            std::move(notes));
  add_fedl_server(tree, fedl);
  add_fedl_client(tree, fedl);
  add_fedl_status(tree, fedl);
  add_fedl_export(tree, fedl);
  add_fedl_simulate(tree, fedl);
}

}  // namespace marvel::cli
