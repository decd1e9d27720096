#include "regex/opencl/runtime.hpp"

#include "base/file.hpp"

#include <cinttypes>
#include <cstdio>

namespace marvel::regex::opencl {
namespace {

constexpr cl_int kNoDriver = -1001;  // CL_PLATFORM_NOT_FOUND_KHR: the loader found no driver

// FNV-1a, 64 bit. Only a name for a file, whose content the driver checks.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325U;
  for (const char c : text) {
    value = (value ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
  }
  return value;
}

// Whatever changes the result is in the name.
std::filesystem::path cached_file(const cl::Device& device, const std::string& source,
                                  const std::filesystem::path& cache) {
  const std::string key = source + device.getInfo<CL_DEVICE_NAME>() + "\n" +
                          device.getInfo<CL_DEVICE_VERSION>() + "\n" +
                          device.getInfo<CL_DRIVER_VERSION>();
  char name[32] = {};
  (void)std::snprintf(name, sizeof name, "%016" PRIx64 ".bin", hash(key));
  return cache / name;
}

// Nothing when there is none, or the driver does not like it.
cl::Program from_cache(const cl::Context& context, const cl::Device& device,
                       const std::filesystem::path& file) {
  const auto bytes = read_file(file);
  if (!bytes) {
    return {};
  }
  try {
    cl::Program program(context, {device}, {{bytes->begin(), bytes->end()}});
    program.build({device});
    return program;
  } catch (const cl::Error&) {
    return {};
  }
}

// Failing only means that the next time takes as long as this one.
void keep(const cl::Program& program, const std::filesystem::path& file) {
  const auto binaries = program.getInfo<CL_PROGRAM_BINARIES>();
  if (binaries.size() == 1 && !binaries[0].empty()) {
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    (void)write_file_atomically(
        file, {reinterpret_cast<const char*>(binaries[0].data()), binaries[0].size()});
  }
}

}  // namespace

std::vector<cl::Device> all_devices() {
  std::vector<cl::Device> devices;
  std::vector<cl::Platform> platforms;
  try {
    cl::Platform::get(&platforms);
  } catch (const cl::Error& error) {
    if (error.err() != kNoDriver) {
      throw;
    }
  }
  for (const cl::Platform& platform : platforms) {
    std::vector<cl::Device> its;
    try {
      platform.getDevices(CL_DEVICE_TYPE_ALL, &its);
    } catch (const cl::Error& error) {
      if (error.err() != CL_DEVICE_NOT_FOUND) {
        throw;
      }
    }
    devices.insert(devices.end(), its.begin(), its.end());
  }
  return devices;
}

Error error_of(const cl::Error& error, const std::string& device) {
  return {
      Errc::kUnavailable,
      device + ": " + error.what() + " failed with OpenCL's code " + std::to_string(error.err()),
      {},
      {}};
}

cl::Program build(const cl::Context& context, const std::string& source,
                  const std::filesystem::path& cache) {
  const auto device = context.getInfo<CL_CONTEXT_DEVICES>().at(0);
  const auto file = cache.empty() ? cache : cached_file(device, source, cache);
  if (!file.empty()) {
    if (auto program = from_cache(context, device, file); program() != nullptr) {
      return program;
    }
  }
  cl::Program program(context, source);
  program.build({device});
  if (!file.empty()) {
    keep(program, file);
  }
  return program;
}

}  // namespace marvel::regex::opencl
