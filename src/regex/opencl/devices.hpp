#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace marvel::regex::opencl {

// What a driver says a device is. Whatever is neither CPU nor GPU counts as an accelerator.
enum class DeviceType : std::uint8_t { kCpu, kGpu, kAccelerator };

// The word for `type`: "cpu", "gpu" or "accelerator".
std::string_view device_type_name(DeviceType type);

// What people see of a device, and what the search wants to know of it. A plain value; the device's
// handle is found again by `number`.
struct Device {
  // In the order in which the drivers list them, from 0. Good for this machine and its drivers as
  // they are: a new driver may change it.
  int number = 0;
  std::string name;
  std::string platform;
  std::string driver;  // its version
  DeviceType type = DeviceType::kAccelerator;
  // With the host, so that text need not be copied.
  bool shares_memory = false;
  std::uint64_t memory = 0;  // bytes
  std::uint32_t units = 0;   // compute units
};

// All devices of all installed drivers; none when there is no driver. Loads the drivers, which may
// take tens of milliseconds; nothing else in marvel does, but for what works on a device that was
// listed here. kUnavailable when a driver fails.
Result<std::vector<Device>> list_devices();

// The device that `choice` means: "cpu" or "gpu" for the first of that type, or a number of up to
// three digits. kUsage for another word, kNotFound when there is no such device. "auto" and "host"
// are no devices here; see DeviceChoice in accelerator.hpp.
Result<Device> find_device(const std::vector<Device>& devices, const std::string& choice);

// Whether this machine has an accelerator's device file (in /dev: kfd, nvidia0, dri/renderD128,
// mali0), which costs nothing to ask, so that drivers are not loaded in vain. A GPU that is seen
// may still have no OpenCL driver.
bool may_have_gpu();

}  // namespace marvel::regex::opencl
