#pragma once

#include "base/result.hpp"

#include <string>

namespace marvel::cli {

// Asking before something is done that does not come back by itself. Questions go to standard
// error, so that standard output stays a result; answers are lines of standard input. Whoever asks
// shows no progress meanwhile. One thread.
//
// Whether somebody can be asked: standard input and standard error are a terminal.
bool on_terminal();

// What somebody at the terminal types in answer to `question`. The line without its end, as typed;
// empty at the end of the input. Blocks until then: SIGINT alone does not end it, a second one does
// (signals.hpp). Only where on_terminal().
std::string ask(const std::string& question);

// What is about to be done, in the three forms in which messages need it.
struct Deed {
  std::string question;  // "Delete 3 object(s)?"
  std::string purpose;   // "to delete"
  std::string refusal;   // "nothing was deleted"
};

// Asks, unless `yes` says so already. kUsage when the answer is no, and when nobody can be asked: a
// script has to say --yes. Only "y", "Y" and "yes" are a yes; an empty line is a no. Nothing was
// done yet when it fails.
//   agree({"Delete 3 object(s)?", "to delete", "nothing was deleted"}, flags.yes)
Status agree(const Deed& deed, bool yes);

}  // namespace marvel::cli
