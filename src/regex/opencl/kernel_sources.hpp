#pragma once

// The text of the .cl files beside this one; the definitions are made when marvel is built.
namespace marvel::regex::opencl {

extern const char* const kFindLinesSource;
extern const char* const kFindLiteralsSource;

}  // namespace marvel::regex::opencl
