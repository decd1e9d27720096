#pragma once

#include "base/result.hpp"
#include "deploy/render.hpp"
#include "deploy/template.hpp"

#include <string>
#include <vector>

namespace marvel::deploy {

// What Karvdash, the engine before this one, made of a template: the documents as PyYAML 6 writes
// them (keys sorted, comments gone, quotes dropped where PyYAML thinks they are not needed, lines
// folded at 80), then Python's string.Template(text).safe_substitute(values). The result is text
// and may be broken YAML: that is the old engine's weakness, kept for those who need its bytes.
//   value: "${SERVERS}"     becomes    value: 3      (the quotes go before the value comes)
// So there are no objects here, and nothing for targets or lint to work on. "$$" always becomes
// "$", whatever the header's `escape` says. Anything but Secrets::kShow masks secret variables;
// what a Secret holds by itself stays. tests/deploy/against_python.py holds both functions against
// Python.
//
// Fails as effective_values() does (render.hpp), and with kUnsupported for templates with aliases
// of lists or maps or with times of day, which PyYAML turns into objects of its own.
Result<std::string> render_like_karvdash(const Template& source, const RenderOptions& options);

// PyYAML's yaml.safe_dump_all(documents), byte for byte. kUnsupported as above.
Result<std::string> dump_like_pyyaml(const std::vector<Node>& documents);

}  // namespace marvel::deploy
