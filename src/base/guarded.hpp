#pragma once

#include "base/result.hpp"

#include <exception>
#include <new>
#include <string>

namespace marvel {

// What `work` answers, a Result or Status; what it throws becomes an error. For the doors of a
// plug-in: its libraries report by exceptions, and nothing may be thrown into the program that has
// loaded it.
//   return guarded("use a smaller batch", [&] { return train(options, context); });
// `smaller` is the way out when memory is short, the hint of kUnavailable. kInternal has the first
// line of what was thrown, because the others are LibTorch's stack. Only what is a std::exception
// is caught. Costs nothing while nothing is thrown.
template <class Work>
auto guarded(const char* smaller, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(Errc::kUnavailable, "out of memory", smaller);
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return fail(Errc::kInternal, text.substr(0, text.find('\n')));
  }
}

}  // namespace marvel
