#pragma once

#include <cstdio>
#include <cstdlib>

[[noreturn]] inline void fuzz_law_broken(const char* file, int line, const char* law) {
  std::fprintf(stderr, "%s:%d: broken law: %s\n", file, line, law);
  std::abort();
}

// A law that the target must keep on every input; breaking it is a finding, as a crash is.
#define FUZZ_LAW(condition) \
  ((condition) ? static_cast<void>(0) : fuzz_law_broken(__FILE__, __LINE__, #condition))
