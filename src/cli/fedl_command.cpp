#include "cli/fedl_command.hpp"

#include <utility>

namespace marvel::cli {
namespace {

void fill_fedl(CommandTree& tree, CLI::App& fedl) {
  add_fedl_server(tree, fedl);
  add_fedl_client(tree, fedl);
  add_fedl_status(tree, fedl);
  add_fedl_export(tree, fedl);
  add_fedl_simulate(tree, fedl);
}

}  // namespace

void register_fedl(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl server --rounds 10 --min-available 2 --checkpoint run1", "serve"},
      {"marvel fedl client --cid 1 --server-address localhost:8080 --data mnist", "take part"}};
  tree.add_closed("fedl", "Train one model with many clients", "Models", std::move(notes),
                  fill_fedl);
}

}  // namespace marvel::cli
