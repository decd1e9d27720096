#pragma once

#include "base/result.hpp"

#include <exception>
#include <new>
#include <string>

namespace marvel {

// What `work` answers; what it throws becomes an error. For the doors of a plug-in: its libraries
// report by exceptions, and nothing may be thrown into the program that has loaded it.
// `smaller` is the way out when memory is short. kInternal has the first line of what was thrown,
// because the others are LibTorch's stack.
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
