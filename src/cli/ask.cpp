#include "cli/ask.hpp"

#include <iostream>
#include <unistd.h>

namespace marvel::cli {

bool on_terminal() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

std::string ask(const std::string& question) {
  std::cerr << question << " " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

Status agree(const Deed& deed, bool yes) {
  if (yes) {
    return {};
  }
  if (!on_terminal()) {
    return fail(Errc::kUsage, "nobody can be asked whether " + deed.purpose, "say it with --yes");
  }
  const std::string answer = ask(deed.question + " [y/N]");
  const bool good = answer == "y" || answer == "Y" || answer == "yes";
  return good ? Status() : fail(Errc::kUsage, deed.refusal, "--yes goes on without asking");
}

}  // namespace marvel::cli
