#pragma once

#include "base/log.hpp"
#include "base/progress.hpp"
#include "base/stop.hpp"

namespace marvel {

// What long work needs from the program around it. Passed in, never global: the ML plug-in has
// its own copy of this library's code. All members outlive the call they are passed to.
struct Context {
  Log& log;
  Progress& progress;
  const StopFlag& stop;
};

}  // namespace marvel
