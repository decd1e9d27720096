#include "base/file.hpp"
#include "cli/bind.hpp"
#include "cli/fedl_command.hpp"
#include "cli/model_file.hpp"

#include <filesystem>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

struct ExportFlags {
  std::string model;
  std::string out;
};

Result<Answer> run_export(const ExportFlags& flags, Session& session) {
  const auto out = flags.out.empty() ? std::filesystem::path(flags.model).replace_extension("pt")
                                     : std::filesystem::path(flags.out);
  MARVEL_TRY(const std::string bytes, script_of(flags.model, session.environment));
  MARVEL_TRY_STATUS(write_file_atomically(out, bytes));
  const nlohmann::ordered_json json{{"schema", "marvel.fedl.export/1"},
                                    {"model_path", flags.model},
                                    {"script_path", out.string()},
                                    {"script_bytes", bytes.size()}};
  return Answer{out.string() + "\n", json.dump(1) + "\n", 0, ""};
}

}  // namespace

void add_fedl_export(CommandTree& tree, CLI::App& fedl) {
  const auto flags = std::make_shared<ExportFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl export run1/model.npz", "writes run1/model.pt, which torch.jit.load reads"},
      {"marvel fedl export run1/model-7.npz --out seventh.pt", "the model after round 7"}};
  notes.see_also = {"fedl server", "compress eval", "compress inspect"};
  notes.run = [flags](Session& session) { return run_export(*flags, session); };
  CLI::App& command = tree.add(fedl, "export", "Make a model.pt of the model of a run", "Commands",
                               std::move(notes));
  Binder bind(tree, command);
  auto& model = bind.positional("model", flags->model, "A model.npz of marvel fedl server");
  model.required = true;
  model.files = Files::kFile;
  bind.this_run_only(true);
  bind.value("--out", "FILE", flags->out, "Where to [beside MODEL, ending in .pt]").files =
      Files::kFile;
}

}  // namespace marvel::cli
