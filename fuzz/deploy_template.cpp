// Templates: the first line is a value, the rest a template. Whatever renders has the shape of the
// template, and lint, --fix and the old engine's text never fail in another way than by an error.
#include "deploy/fix.hpp"
#include "deploy/karvdash.hpp"
#include "deploy/lint.hpp"
#include "deploy/targets.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace deploy = marvel::deploy;

namespace {

void aim(deploy::Rendered& rendered) {
  const deploy::Targets targets{{{"Layer", "EDGE"}}, {"n1", "n2"}, {{"a", "b", "NoExecute"}}};
  for (deploy::Object& object : rendered.objects) {
    if (deploy::add_targets(object, targets)) {
      const std::string once = deploy::write_yaml({object});
      FUZZ_LAW(deploy::add_targets(object, targets).has_value());
      FUZZ_LAW(deploy::write_yaml({object}) == once);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto line = std::min(all.find('\n'), all.size());
  const std::string value(all.substr(0, line));
  const std::string_view text = all.substr(std::min(line + 1, all.size()));
  const auto source = deploy::read_template(text, "fuzz.yaml");
  if (!source) {
    FUZZ_LAW(source.error().code == marvel::Errc::kInput);
    return 0;
  }
  deploy::Values values;
  if (source->header) {
    for (const deploy::Variable& variable : source->header->variables) {
      values[variable.name] = {value, false};
    }
  }
  if (auto rendered = deploy::render(*source, {values, deploy::Secrets::kShow})) {
    FUZZ_LAW(rendered->objects.size() == source->documents.size() || value.empty() ||
             text.find("List") != std::string_view::npos);
    aim(*rendered);
  }
  for (const deploy::Finding& finding : deploy::lint({*source}, {values, 37})) {
    FUZZ_LAW(!finding.rule.empty() && !finding.message.empty());
  }
  (void)deploy::render_like_karvdash(*source, {values, deploy::Secrets::kMaskAll});
  const auto fixed = deploy::fix_old_apis(text, "fuzz.yaml", 37);
  FUZZ_LAW(fixed.has_value());
  FUZZ_LAW(deploy::read_template(fixed->text, "fuzz.yaml").has_value());
  return 0;
}
