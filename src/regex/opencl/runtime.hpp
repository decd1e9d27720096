#pragma once

// What all OpenCL code here shares. The only header that includes OpenCL's.
#define CL_HPP_ENABLE_EXCEPTIONS
#define CL_HPP_TARGET_OPENCL_VERSION 120
#define CL_HPP_MINIMUM_OPENCL_VERSION 120

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <CL/opencl.hpp>

namespace marvel::regex::opencl {

// Every device, by number: the order of the installed drivers, and within one its own. Empty when
// there is no driver, or drivers have no device. Throws cl::Error.
std::vector<cl::Device> all_devices();

// What `error` says, about `device`, as kUnavailable: the call that failed and OpenCL's code. Here
// exceptions of OpenCL become values; none leaves this folder.
Error error_of(const cl::Error& error, const std::string& device);

// Compiles `source` for the only device of `context`. What a driver made of it is kept in `cache`,
// so that the next time takes less; an empty path, or a folder that cannot be used, costs only that
// time. The file's name is a hash of the source, the device and its driver's version, so an update
// finds no old file; what the driver does not take is compiled anew. Throws cl::Error, which for a
// source that the driver refuses is a cl::BuildError with the compiler's words.
cl::Program build(const cl::Context& context, const std::string& source,
                  const std::filesystem::path& cache);

}  // namespace marvel::regex::opencl
