#pragma once

#include <cstdio>
#include <cstdlib>

namespace marvel::detail {

// Writes to standard error itself, past the log, and dumps core where the system allows that.
[[noreturn]] inline void check_failed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "marvel: bug at %s:%d: %s\n", file, line, what);
  std::abort();
}

}  // namespace marvel::detail

// A mistake of ours, never of the input: stops the program in every build type. What the outside
// world can cause is a Result (result.hpp) instead; a check may fail only when a caller broke what
// a header asks for. The condition is evaluated once in every build, so it may do work.
//   MARVEL_CHECK(cells.size() <= columns, "a row has at most the header's columns");
#define MARVEL_CHECK(condition, what)                             \
  do {                                                            \
    if (!(condition)) {                                           \
      ::marvel::detail::check_failed(__FILE__, __LINE__, (what)); \
    }                                                             \
  } while (false)
