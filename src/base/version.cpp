#include "base/version.hpp"

namespace marvel {

std::string_view version_number() {
  return MARVEL_VERSION;
}

std::string_view version_commit() {
  return MARVEL_COMMIT;
}

std::string version_text() {
  std::string text(version_number());
  if (!version_commit().empty()) {
    text += " (" + std::string(version_commit()) + ")";
  }
  return text;
}

}  // namespace marvel
