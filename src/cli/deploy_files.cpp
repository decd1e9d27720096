#include "base/file.hpp"
#include "cli/deploy_command.hpp"
#include "deploy/values.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace marvel::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostInput = std::size_t{16} << 20;

bool is_manifest(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

// The manifests right in a folder, by name.
Result<std::vector<std::string>> manifests_in(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_manifest(entry->path()) && entry->is_regular_file(error)) {
      files.push_back(entry->path().string());
    }
  }
  if (error || files.empty()) {
    return fail(Errc::kInput, folder.string() + ": " +
                                  (error ? error.message() : "no .yaml, .yml or .json files"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::string> read_stdin() {
  std::string text;
  std::string block(std::size_t{1} << 16, '\0');
  while (text.size() <= kMostInput &&
         (std::cin.read(block.data(), static_cast<std::streamsize>(block.size())) ||
          std::cin.gcount() > 0)) {
    text.append(block, 0, static_cast<std::size_t>(std::cin.gcount()));
  }
  if (text.size() > kMostInput) {
    return fail(Errc::kInput, "standard input is larger than 16 MiB");
  }
  return text;
}

// The files that one word stands for.
Result<std::vector<std::string>> files_of(const std::string& word, const Environment& environment) {
  std::error_code error;
  if (word != "-" && fs::is_directory(word, error)) {
    return manifests_in(word);
  }
  const bool bare = word.find('/') == std::string::npos && !is_manifest(word);
  if (word != "-" && bare && !fs::exists(word, error)) {
    const fs::path kept = template_folder(environment) / (word + ".yaml");
    if (fs::exists(kept, error)) {
      return std::vector{kept.string()};
    }
    return fail(Errc::kInput, word + ": neither a file nor a template of the catalogue",
                "'marvel deploy template list' shows the catalogue");
  }
  return std::vector{word};
}

}  // namespace

// A file, or standard input for "-". What is too large is refused before it is in memory.
Result<std::string> read_input(const std::string& path) {
  if (path == "-") {
    return read_stdin();
  }
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (!error && size > kMostInput) {
    return fail(Errc::kInput, path + ": larger than 16 MiB", "split it into several files");
  }
  return read_file(path);
}

fs::path template_folder(const Environment& environment) {
  const auto data = environment.get("XDG_DATA_HOME");
  if (data && fs::path(*data).is_absolute()) {
    return fs::path(*data) / "marvel" / "templates";
  }
  const auto home = environment.get("HOME");
  return home ? fs::path(*home) / ".local" / "share" / "marvel" / "templates" : fs::path();
}

std::vector<std::string> template_names(const Environment& environment) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(template_folder(environment), error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".yaml") {
      names.push_back(entry->path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

void bind_manifests(Binder& bind, ManifestFlags& flags) {
  bind.group("Input");
  bind.list("--filename,-f", "FILE", flags.files,
            "Template or manifest, folder of them, or - for standard input")
      .files = Files::kFile;
  auto& word =
      bind.positional("file", flags.words, "The same, or a template of the local catalogue");
  word.files = Files::kFile;
  word.offer = template_names;
  bind.group("Values");
  bind.list("--set", "NAME=VALUE", flags.sets, "Value of a variable; may be given again");
  bind.list("--values", "FILE", flags.values,
            "File of 'NAME: value' lines, - for standard input; the place for secrets")
      .files = Files::kFile;
  bind.value("--name", "NAME", flags.name, "Value of the variable NAME");
  bind.value("--namespace,-n", "NAME", flags.space, "Value of the variable NAMESPACE");
}

void bind_targets(Binder& bind, ManifestFlags& flags) {
  bind.group("Targets");
  bind.list("--layer", "KEY=VALUE", flags.layers,
            "Only on nodes with this label, and tolerate the taint of the same name; a value "
            "alone has the key Layer");
  bind.list("--node", "NAME", flags.nodes, "Only on this node; may be given again");
}

Result<std::vector<std::string>> input_files(const ManifestFlags& flags, Session& session) {
  std::vector<std::string> words = flags.files;
  words.insert(words.end(), flags.words.begin(), flags.words.end());
  if (words.empty()) {
    return fail(Errc::kUsage, "no template or manifest", "name a file, as in -f app.yaml");
  }
  std::vector<std::string> all;
  for (const std::string& word : words) {
    MARVEL_TRY(const auto files, files_of(word, session.environment));
    all.insert(all.end(), files.begin(), files.end());
  }
  return all;
}

Result<std::vector<deploy::Template>> read_templates(const ManifestFlags& flags, Session& session) {
  MARVEL_TRY(const auto files, input_files(flags, session));
  std::vector<deploy::Template> templates;
  for (const std::string& file : files) {
    MARVEL_TRY(const std::string text, read_input(file));
    MARVEL_TRY(templates.emplace_back(),
               deploy::read_template(text, file == "-" ? "<stdin>" : file));
  }
  return templates;
}

Result<deploy::Values> read_values(const ManifestFlags& flags,
                                   const std::vector<deploy::Template>& templates, Session& session,
                                   Names names) {
  deploy::Values values;
  for (const std::string& file : flags.values) {
    MARVEL_TRY(const std::string text, read_input(file));
    MARVEL_TRY_STATUS(deploy::set_values_from_file(text, file, values));
  }
  for (const std::string& assignment : flags.sets) {
    MARVEL_TRY_STATUS(deploy::set_value(assignment, values));
  }
  if (names == Names::kCheck) {
    MARVEL_TRY_STATUS(deploy::check_names(values, templates));
  }
  if (!flags.name.empty()) {
    values["NAME"] = {flags.name, false};
  }
  if (!flags.space.empty()) {
    values["NAMESPACE"] = {flags.space, false};
  }
  deploy::set_values_from_environment(session.environment, templates, values);
  MARVEL_TRY_STATUS(deploy::set_predefined(*flags.predefined, values));
  return values;
}

Result<deploy::Targets> read_targets(const ManifestFlags& flags) {
  deploy::Targets targets;
  for (const std::string& word : flags.layers) {
    MARVEL_TRY(targets.layers.emplace_back(), deploy::read_layer(word));
  }
  for (const std::string& node : flags.nodes) {
    MARVEL_TRY_STATUS(deploy::check_node_name(node));
    targets.nodes.push_back(node);
  }
  return targets;
}

Result<RenderedFiles> render_files(const std::vector<deploy::Template>& templates,
                                   const deploy::Values& values, const deploy::Targets& targets,
                                   bool mask) {
  RenderedFiles all;
  for (const deploy::Template& source : templates) {
    MARVEL_TRY(deploy::Rendered rendered,
               deploy::render(source,
                              {values, mask ? deploy::Secrets::kMaskAll : deploy::Secrets::kShow}));
    for (deploy::Object& object : rendered.objects) {
      MARVEL_TRY_STATUS(deploy::add_targets(object, targets));
      all.objects.push_back(std::move(object));
    }
    rendered.objects.clear();
    all.by_template.push_back(std::move(rendered));
  }
  return all;
}

}  // namespace marvel::cli
