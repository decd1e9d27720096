#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// A folder of templates by name, one file NAME.yaml each. Nothing else may write there.

struct CatalogueEntry {
  std::string id;  // the file's name
  std::string name;
  std::string description;
  std::vector<std::string> variables;
  std::string problem;  // why the file cannot be read; empty when it can
};

// "kafka" for "dir/kafka.template.yaml": the file's name up to its first dot, in lower case.
// kUsage when that is no name (lower-case letters, digits and '-').
Result<std::string> template_id(const std::filesystem::path& file);

// Keeps `text` as template `id`. kInput when it is no template with a header. kConflict when there
// is one already with another text, unless `replace`.
Status add_template(const std::filesystem::path& folder, const std::string& id,
                    std::string_view text, bool replace);

// The text as it was added. kNotFound, with the likely meaning.
Result<std::string> get_template(const std::filesystem::path& folder, const std::string& id);

// kNotFound as above.
Status remove_template(const std::filesystem::path& folder, const std::string& id);

// By id; empty when the folder does not exist.
Result<std::vector<CatalogueEntry>> list_templates(const std::filesystem::path& folder);

}  // namespace marvel::deploy
