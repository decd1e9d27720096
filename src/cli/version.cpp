#include "cli/version.hpp"

#include "base/version.hpp"
#include "config/json.hpp"

#include <string>

namespace marvel::cli {

Answer version_answer() {
  const std::string version(version_number());
  const std::string commit(version_commit().empty() ? "unknown" : version_commit());
  const std::string compiler = MARVEL_COMPILER;
  constexpr const char* kLibTorch = MARVEL_LIBTORCH;  // empty without the ML plug-in
  const bool has_ml = *kLibTorch != 0;
  const std::string shown = has_ml ? kLibTorch : "not built in";
  Answer answer;
  answer.text = "marvel " + version + "\ncommit " + commit + "\ncompiler " + compiler +
                "\nLibTorch " + shown + "\n";
  answer.json = json_object({{"schema", json_string("marvel.version/1")},
                             {"version", json_string(version)},
                             {"commit", json_string(commit)},
                             {"compiler", json_string(compiler)},
                             {"libtorch", has_ml ? json_string(shown) : "null"}});
  return answer;
}

}  // namespace marvel::cli
