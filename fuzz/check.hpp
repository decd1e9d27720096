#pragma once

#include <cstdio>
#include <cstdlib>

// A law that the target must keep on every input; breaking it is a finding, as a crash is.
#define FUZZ_LAW(condition)                                                            \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      std::fprintf(stderr, "%s:%d: broken law: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                    \
    }                                                                                  \
  } while (false)
