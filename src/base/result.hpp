#pragma once

#include "base/error.hpp"

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace marvel {

// A value, or the Error that says why there is none. Everything that the outside world can make
// fail returns one; exceptions stop at the module that wraps the throwing library.
// The alias is the only place that names tl::expected, so std::expected is one line away.
template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(Errc code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint), {}});
}

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace marvel

// Passes a failure of `expr` on to the caller, or binds its value: the one control-flow macro.
//   MARVEL_TRY(const auto set, load(path));
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
