#include "regex/opencl/devices.hpp"

#include "regex/opencl/runtime.hpp"

#include <algorithm>
#include <filesystem>

namespace marvel::regex::opencl {
namespace {

DeviceType type_of(const cl::Device& device) {
  const auto type = device.getInfo<CL_DEVICE_TYPE>();
  return (type & CL_DEVICE_TYPE_GPU) != 0   ? DeviceType::kGpu
         : (type & CL_DEVICE_TYPE_CPU) != 0 ? DeviceType::kCpu
                                            : DeviceType::kAccelerator;
}

Device describe_device(const cl::Device& device, int number) {
  Device result;
  result.number = number;
  result.name = device.getInfo<CL_DEVICE_NAME>();
  result.platform = cl::Platform(device.getInfo<CL_DEVICE_PLATFORM>()).getInfo<CL_PLATFORM_NAME>();
  result.driver = device.getInfo<CL_DRIVER_VERSION>();
  result.type = type_of(device);
  result.shares_memory = device.getInfo<CL_DEVICE_HOST_UNIFIED_MEMORY>() != CL_FALSE;
  result.memory = device.getInfo<CL_DEVICE_GLOBAL_MEM_SIZE>();
  result.units = device.getInfo<CL_DEVICE_MAX_COMPUTE_UNITS>();
  return result;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 4 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::string_view device_type_name(DeviceType type) {
  switch (type) {
    case DeviceType::kCpu:
      return "cpu";
    case DeviceType::kGpu:
      return "gpu";
    case DeviceType::kAccelerator:
      return "accelerator";
  }
  return "?";
}

Result<std::vector<Device>> list_devices() {
  std::vector<Device> devices;
  try {
    for (const cl::Device& device : all_devices()) {
      devices.push_back(describe_device(device, static_cast<int>(devices.size())));
    }
  } catch (const cl::Error& error) {
    return fail(error_of(error, "an OpenCL driver"));
  }
  return devices;
}

Result<Device> find_device(const std::vector<Device>& devices, const std::string& choice) {
  const bool number = is_number(choice);
  if (!number && choice != "cpu" && choice != "gpu") {
    return fail(Errc::kUsage, "--device '" + choice + "' is no device",
                "use auto, host, cpu, gpu, or a number from --list-devices");
  }
  const auto at = std::find_if(devices.begin(), devices.end(), [&](const Device& device) {
    return number ? device.number == std::stoi(choice) : device_type_name(device.type) == choice;
  });
  if (at == devices.end()) {
    return fail(Errc::kNotFound,
                number ? "there is no OpenCL device " + choice
                       : "there is no OpenCL device of type " + choice,
                devices.empty() ? "install a driver, such as pocl-opencl-icd for CPUs"
                                : "--list-devices shows those that are there");
  }
  return *at;
}

bool may_have_gpu() {
  namespace fs = std::filesystem;
  for (const char* path : {"/dev/kfd", "/dev/nvidia0", "/dev/dri/renderD128", "/dev/mali0"}) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) {
      return true;
    }
  }
  return false;
}

}  // namespace marvel::regex::opencl
