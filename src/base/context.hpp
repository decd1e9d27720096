#pragma once

#include "base/log.hpp"
#include "base/progress.hpp"
#include "base/stop.hpp"

namespace marvel {

// What long work needs from the program around it. Passed in, never global: the ML plug-in has its
// own copy of this library's code, so a global there would be another one. All members outlive the
// call they are passed to. A command gets its context from cli/program.cpp, where log and progress
// are one report::Terminal; tests bring their own (tests/support/fakes.hpp).
struct Context {
  // Messages for people; results are returned, never logged.
  Log& log;
  // Of one piece of work at a time, see Progress::begin.
  Progress& progress;
  // Long work looks at it often and ends early when it is raised.
  const StopFlag& stop;
};

}  // namespace marvel
