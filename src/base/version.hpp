#pragma once

#include <string>

namespace marvel {

// "0.1.0 (1a2b3c4)": the release and the commit it was built from, or "0.1.0" outside git.
std::string version_text();

}  // namespace marvel
