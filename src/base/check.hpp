#pragma once

#include <cstdio>
#include <cstdlib>

namespace marvel::detail {

[[noreturn]] inline void check_failed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "marvel: bug at %s:%d: %s\n", file, line, what);
  std::abort();
}

}  // namespace marvel::detail

// A mistake of ours, never of the input: stops the program in every build type.
#define MARVEL_CHECK(condition, what)                             \
  do {                                                            \
    if (!(condition)) {                                           \
      ::marvel::detail::check_failed(__FILE__, __LINE__, (what)); \
    }                                                             \
  } while (false)
