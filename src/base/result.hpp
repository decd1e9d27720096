#pragma once

#include "base/error.hpp"

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace marvel {

// A value, or the Error that says why there is none. Everything that the outside world can make
// fail returns one; exceptions stop at the module that wraps the throwing library. The alias is the
// only place that names tl::expected, so std::expected is one line away. How a failure travels:
// fail() makes one where it happens, MARVEL_TRY hands it to the caller, and somebody who can act on
// it looks at Error::code.
//   Result<int> port_of(std::string_view text) {
//     MARVEL_TRY(const auto number, parse_unsigned(text));
//     if (number > 65535) {
//       return fail(Errc::kInput, "a port is at most 65535");
//     }
//     return static_cast<int>(number);
//   }
template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// What a function that returns a Result or Status returns on failure; see Error for how to write
// the two texts. The second form hands on an Error as it is, for a Result of another type.
inline tl::unexpected<Error> fail(Errc code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint), {}});
}

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace marvel

// Passes a failure of `expr` on to the caller, or binds its value: the one control-flow macro.
//   MARVEL_TRY(const auto set, load(path));
// `expr` is evaluated once and its value moved out. The declaration may also be a variable that is
// there already: MARVEL_TRY(total, read(path)). It expands to several statements, so behind an `if`
// it needs braces, and a line holds one of them only.
#define MARVEL_TRY_CONCAT_(a, b) a##b
#define MARVEL_TRY_NAME_(line) MARVEL_TRY_CONCAT_(marvel_try_, line)
#define MARVEL_TRY(declaration, expr)                                     \
  auto MARVEL_TRY_NAME_(__LINE__) = (expr);                               \
  if (!MARVEL_TRY_NAME_(__LINE__)) {                                      \
    return ::marvel::fail(std::move(MARVEL_TRY_NAME_(__LINE__)).error()); \
  }                                                                       \
  declaration = /* NOLINT(bugprone-macro-parentheses) */ std::move(*MARVEL_TRY_NAME_(__LINE__))

// The same for a Status, which carries no value.
#define MARVEL_TRY_STATUS(expr)                              \
  if (auto marvel_status = (expr); !marvel_status) {         \
    return ::marvel::fail(std::move(marvel_status).error()); \
  }                                                          \
  static_assert(true) /* caller's ';' */
