#include "deploy/catalogue.hpp"

#include "base/edit_distance.hpp"
#include "base/file.hpp"
#include "deploy/template.hpp"

#include <algorithm>

namespace marvel::deploy {
namespace {

namespace fs = std::filesystem;

fs::path path_of(const fs::path& folder, const std::string& id) {
  return folder / (id + ".yaml");
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 100 && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::vector<std::string> ids(const fs::path& folder) {
  std::vector<std::string> all;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path file = entry->path();
    if (file.extension() == ".yaml" && is_id(file.stem().string())) {
      all.push_back(file.stem().string());
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

// kNotFound unless the catalogue has `id`.
Status check_known(const fs::path& folder, const std::string& id) {
  const auto known = ids(folder);
  if (std::find(known.begin(), known.end(), id) != known.end()) {
    return {};
  }
  const auto meant = closest(id, known);
  return fail(Errc::kNotFound, "no template '" + id + "' in the catalogue",
              meant ? "did you mean '" + *meant + "'?"
                    : "'marvel deploy template list' shows those that are");
}

CatalogueEntry describe_template(const fs::path& folder, const std::string& id) {
  CatalogueEntry entry;
  entry.id = id;
  const auto text = read_file(path_of(folder, id));
  const auto source =
      text ? read_template(*text, id + ".yaml") : Result<Template>(fail(text.error()));
  if (!source) {
    entry.problem = source.error().message;
  } else if (const auto& header = source->header) {
    entry.name = header->name;
    entry.description = header->description;
    for (const Variable& variable : header->variables) {
      entry.variables.push_back(variable.name);
    }
  }
  return entry;
}

}  // namespace

Result<std::string> template_id(const fs::path& file) {
  const std::string name = file.filename().string();
  std::string id = name.substr(0, name.find('.'));
  std::transform(id.begin(), id.end(), id.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
  });
  if (!is_id(id)) {
    return fail(Errc::kUsage, "'" + id + "' is no name for a template",
                "use lower-case letters, digits and '-'; --as NAME gives another one");
  }
  return id;
}

Status add_template(const fs::path& folder, const std::string& id, std::string_view text,
                    bool replace) {
  if (!is_id(id)) {
    return fail(Errc::kUsage, "'" + id + "' is no name for a template");
  }
  MARVEL_TRY(const auto source, read_template(text, id));
  if (!source.header) {
    return fail(Errc::kInput, id + ": no template, for it has no document 'kind: Template'",
                "see docs/formats/template.md");
  }
  const fs::path path = path_of(folder, id);
  std::error_code error;
  if (fs::exists(path, error) && !replace) {
    MARVEL_TRY(const std::string old, read_file(path));
    return old == text ? Status()
                       : fail(Errc::kConflict, "the catalogue has another template '" + id + "'",
                              "--replace overwrites it, --as NAME keeps both");
  }
  fs::create_directories(folder, error);
  return write_file_atomically(path, text);
}

Result<std::string> get_template(const fs::path& folder, const std::string& id) {
  MARVEL_TRY_STATUS(check_known(folder, id));
  return read_file(path_of(folder, id));
}

Status remove_template(const fs::path& folder, const std::string& id) {
  MARVEL_TRY_STATUS(check_known(folder, id));
  std::error_code error;
  if (!fs::remove(path_of(folder, id), error)) {
    return fail(Errc::kUnavailable, "cannot remove '" + id + "': " + error.message());
  }
  return {};
}

Result<std::vector<CatalogueEntry>> list_templates(const fs::path& folder) {
  std::vector<CatalogueEntry> entries;
  for (const std::string& id : ids(folder)) {
    entries.push_back(describe_template(folder, id));
  }
  return entries;
}

}  // namespace marvel::deploy
