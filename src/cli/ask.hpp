#pragma once

#include "base/result.hpp"

#include <string>

namespace marvel::cli {

// Asking before something is done that does not come back by itself.

// Whether somebody can be asked: standard input and standard error are a terminal.
bool on_terminal();

// What somebody at the terminal types in answer to `question`.
std::string ask(const std::string& question);

struct Deed {
  std::string question;  // "Delete 3 object(s)?"
  std::string purpose;   // "to delete"
  std::string refusal;   // "nothing was deleted"
};

// Asks, unless `yes` says so already. kUsage when the answer is no, and when nobody can be asked: a
// script has to say --yes.
Status agree(const Deed& deed, bool yes);

}  // namespace marvel::cli
