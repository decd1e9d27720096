#pragma once

// The text of the .cl files beside this one; the definitions are made when marvel is built, so that
// the program needs no files of its own at run time. build() in runtime.hpp compiles them for a
// device.
namespace marvel::regex::opencl {

// NOLINTBEGIN(readability-identifier-naming): constants, though defined elsewhere
extern const char* const kFindLinesSource;
extern const char* const kFindLiteralsSource;
// NOLINTEND(readability-identifier-naming)

}  // namespace marvel::regex::opencl
