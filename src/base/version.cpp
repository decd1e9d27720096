#include "base/version.hpp"

#include <string_view>

namespace marvel {

std::string version_text() {
  constexpr std::string_view kCommit = MARVEL_COMMIT;
  std::string text = MARVEL_VERSION;
  if (!kCommit.empty()) {
    text += " (" + std::string(kCommit) + ")";
  }
  return text;
}

}  // namespace marvel
