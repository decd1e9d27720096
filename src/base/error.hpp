#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace marvel {

// Why something failed, coarse enough that every caller can act on it. One switch in cli/ turns
// these into exit codes (2 for the caller's fault, 3 for the world's, 4 for ours); scripts that
// want more read the "code" of the JSON error, errc_name or Error::reason. A header that says
// "kInput for ..." means the code of the Error in the Result.
enum class Errc {
  kUsage,        // wrong command line or configuration
  kInput,        // a named local file or value is missing, damaged or out of range
  kNotFound,     // an object in the outside world does not exist
  kDenied,       // permission refused
  kUnavailable,  // a peer, device, cluster or disk cannot do it now
  kTimeout,
  kConflict,     // somebody else changed or holds the object
  kUnsupported,  // this build or machine cannot do it
  kFailed,       // the work itself failed, for example the training diverged
  kInternal,     // a bug of ours
};

// The stable word for `code` in JSON errors ("usage", "input", ...).
std::string_view errc_name(Errc code);

// One failure, as told to people and programs. It is made by fail() (result.hpp) where the failure
// happens and passed on by MARVEL_TRY; describe() and cli/output.hpp make a line of it.
//   message : what failed, on which object, why; no trailing full stop, no program name
//   hint    : what to do about it, or empty
//   context : outer operations, innermost first; shown before the message
//   reason  : the word for JSON errors where `code` is too coarse ("forbidden"), or empty
// It may quote text from outside, so whoever prints it sees to line ends (cli/output.hpp). Secrets
// must not stand in one.
//   {Errc::kInput, "cannot read 'a.yaml': No such file or directory", "", {}}
struct Error {
  Errc code = Errc::kInternal;
  std::string message;
  std::string hint;
  std::vector<std::string> context;
  std::string reason = {};  // NOLINT(readability-redundant-member-init)
};

// The word for `error` in JSON errors: its reason, or the name of its code. The view lives as long
// as `error`.
std::string_view reason_of(const Error& error);

// "while doing A: while doing B: message; hint", on one line if its parts have no line ends.
// Without the name of the program or command, which error_line of cli/output.hpp puts before it.
std::string describe(const Error& error);

}  // namespace marvel
