#include "cli/deploy_command.hpp"
#include "config/json.hpp"
#include "deploy/catalogue.hpp"
#include "report/table.hpp"

#include <memory>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

struct TemplateFlags {
  std::string word;  // a file, or a name
  std::string as;
  bool replace = false;
};

Result<std::filesystem::path> catalogue_of(const Session& session) {
  auto folder = template_folder(session.environment);
  if (folder.empty()) {
    return fail(Errc::kUsage, "no place for a catalogue", "set HOME or XDG_DATA_HOME");
  }
  return folder;
}

Answer named_answer(const std::string& what, const std::string& id, std::string notice = {}) {
  Answer answer;
  answer.text = what + " " + id + "\n";
  answer.json =
      json_object({{"schema", json_string("marvel.deploy.template/1")}, {what, json_string(id)}});
  answer.notice = std::move(notice);
  return answer;
}

Result<Answer> run_add(const TemplateFlags& flags, Session& session) {
  MARVEL_TRY(const auto folder, catalogue_of(session));
  MARVEL_TRY(const std::string id, deploy::template_id(flags.as.empty() ? flags.word : flags.as));
  MARVEL_TRY(const std::string text, read_input(flags.word));
  MARVEL_TRY_STATUS(deploy::add_template(folder, id, text, flags.replace));
  return named_answer("added", id, "Next: marvel deploy render " + id);
}

Result<Answer> run_get(const TemplateFlags& flags, Session& session) {
  MARVEL_TRY(const auto folder, catalogue_of(session));
  Answer answer;
  MARVEL_TRY(answer.text, deploy::get_template(folder, flags.word));
  answer.json = json_object({{"schema", json_string("marvel.deploy.template/1")},
                             {"id", json_string(flags.word)},
                             {"text", json_string(answer.text)}});
  return answer;
}

Result<Answer> run_remove(const TemplateFlags& flags, Session& session) {
  MARVEL_TRY(const auto folder, catalogue_of(session));
  MARVEL_TRY_STATUS(deploy::remove_template(folder, flags.word));
  return named_answer("deleted", flags.word);
}

Result<Answer> run_list(Session& session) {
  MARVEL_TRY(const auto folder, catalogue_of(session));
  MARVEL_TRY(const auto entries, deploy::list_templates(folder));
  nlohmann::ordered_json document;
  document["schema"] = "marvel.deploy.templates/1";
  document["templates"] = nlohmann::ordered_json::array();
  report::Table table({"TEMPLATE", "DESCRIPTION"});
  for (const auto& entry : entries) {
    table.row({entry.id, entry.problem.empty() ? entry.description : "broken: " + entry.problem});
    document["templates"].push_back({{"id", entry.id},
                                     {"name", entry.name},
                                     {"description", entry.description},
                                     {"variables", entry.variables},
                                     {"problem", entry.problem}});
  }
  Answer answer;
  answer.text = entries.empty() ? "" : table.text();
  answer.json = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (entries.empty()) {
    answer.notice = "The catalogue is empty. Next: marvel deploy template add FILE";
  }
  return answer;
}

using Verb = Result<Answer> (*)(const TemplateFlags&, Session&);

// A verb with one word; returns its flags for more of them.
std::shared_ptr<TemplateFlags> add_verb(CommandTree& tree, CLI::App& group, const char* name,
                                        const char* purpose, const char* argument, Verb verb,
                                        Example example, CLI::App*& command) {
  const auto flags = std::make_shared<TemplateFlags>();
  CommandNotes notes;
  notes.run = [flags, verb](Session& session) { return verb(*flags, session); };
  notes.examples = {std::move(example)};
  command = &tree.add(group, name, purpose, "Commands", std::move(notes));
  Binder bind(tree, *command);
  bind.this_run_only(true);
  const bool file = std::string_view(argument) == "file";
  auto& word =
      bind.positional(argument, flags->word, file ? "Template to add" : "Name of the template");
  word.required = true;
  word.files = file ? Files::kFile : Files::kNone;
  if (!file) {
    word.offer = template_names;
  }
  return flags;
}

}  // namespace

void register_deploy_template(CommandTree& tree, CLI::App& deploy) {
  CommandNotes notes;
  notes.examples = {{"marvel deploy template add kafka.template.yaml", "keep a template"},
                    {"marvel deploy template list", "what is kept"},
                    {"marvel deploy render kafka", "use it by its name"}};
  CLI::App& group = tree.add(deploy, "template", "Keep templates in a local catalogue", "Offline",
                             std::move(notes));
  CLI::App* command = nullptr;
  const auto flags = add_verb(
      tree, group, "add", "Add a template", "file", run_add,
      {"marvel deploy template add kafka.template.yaml --as queue", "under another name"}, command);
  Binder bind(tree, *command);
  bind.this_run_only(true);
  bind.value("--as", "NAME", flags->as, "Name in the catalogue; the file's name otherwise");
  bind.flag("--replace", flags->replace, "Overwrite a template of the same name");
  add_verb(tree, group, "get", "Print a template", "name", run_get,
           {"marvel deploy template get kafka > mine.yaml", "a copy to change"}, command);
  CommandNotes list;
  list.run = [](Session& session) { return run_list(session); };
  list.examples = {{"marvel deploy template list --json", "names, descriptions, variables"}};
  tree.add(group, "list", "List the templates", "Commands", std::move(list));
  add_verb(tree, group, "delete", "Delete a template", "name", run_remove,
           {"marvel deploy template delete kafka", "take it out of the catalogue"}, command);
}

}  // namespace marvel::cli
