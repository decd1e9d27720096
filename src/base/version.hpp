#pragma once

#include <string>
#include <string_view>

namespace marvel {

// What was built, for reports, --version and the headers of requests. The build gives both texts to
// version.cpp alone, so a new commit compiles one file again. They are literals, so the views are
// good for ever.
//
// The release this was built from: "0.1.0".
std::string_view version_number();
// Its commit, abbreviated, as it was when the build was configured; empty outside git.
std::string_view version_commit();
// Both, for reports: "0.1.0 (1a2b3c4)", or "0.1.0" outside git.
std::string version_text();

}  // namespace marvel
