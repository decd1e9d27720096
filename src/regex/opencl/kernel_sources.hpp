#pragma once

// The text of the .cl files beside this one; the definitions are made when marvel is built.
namespace marvel::regex::opencl {

// NOLINTBEGIN(readability-identifier-naming): constants, though defined elsewhere
extern const char* const kFindLinesSource;
extern const char* const kFindLiteralsSource;
// NOLINTEND(readability-identifier-naming)

}  // namespace marvel::regex::opencl
