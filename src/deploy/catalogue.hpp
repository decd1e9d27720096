#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// A folder of templates by name, one file NAME.yaml each. Nothing else may write there.
//
// All but template_id go to the disk and keep nothing in memory; `folder` need not exist. There is
// no lock: files are replaced in one step, so a reader sees the old text or the new one, but of two
// who add the same name at once without `replace` both may succeed, and the later text stays. The
// command line's folder is $XDG_DATA_HOME/marvel/templates.

// One template as a list shows it. `id` is what every function here takes; `name`, `description`
// and `variables` are those of its header, empty when the file cannot be read.
struct CatalogueEntry {
  std::string id;  // the file's name without .yaml
  std::string name;
  std::string description;
  std::vector<std::string> variables;
  std::string problem;  // why the file cannot be read; empty when it can
};

// "kafka" for "dir/kafka.template.yaml": the file's name up to its first dot, in lower case.
// kUsage when that is no name (lower-case letters, digits and '-', no '-' at the beginning, at most
// 100 bytes); '_' becomes '-' first. The file is not looked at.
Result<std::string> template_id(const std::filesystem::path& file);

// Keeps `text` as template `id`, byte for byte, and makes the folder. kInput when it is no template
// with a header. kConflict when there is one already with another text, unless `replace`; the same
// text again is no failure. kUsage for an id that is none, kUnavailable when it cannot be written.
Status add_template(const std::filesystem::path& folder, const std::string& id,
                    std::string_view text, bool replace);

// The text as it was added. kNotFound, with the likely meaning. Only names that the folder lists
// are opened, so an `id` such as "../x" is not found.
Result<std::string> get_template(const std::filesystem::path& folder, const std::string& id);

// kNotFound as above, kUnavailable when the file cannot be removed.
Status remove_template(const std::filesystem::path& folder, const std::string& id);

// By id; empty when the folder does not exist. Reads every file: one that is broken has its problem
// in its entry and hides no other.
Result<std::vector<CatalogueEntry>> list_templates(const std::filesystem::path& folder);

}  // namespace marvel::deploy
