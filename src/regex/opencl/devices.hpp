#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace marvel::regex::opencl {

enum class DeviceType : std::uint8_t { kCpu, kGpu, kAccelerator };

// The word for `type`: "cpu", "gpu" or "accelerator".
std::string_view device_type_name(DeviceType type);

struct Device {
  int number = 0;  // in the order in which the drivers list them, from 0
  std::string name;
  std::string platform;
  std::string driver;  // its version
  DeviceType type = DeviceType::kAccelerator;
  bool shares_memory = false;  // with the host, so that text need not be copied
  std::uint64_t memory = 0;    // bytes
  std::uint32_t units = 0;     // compute units
};

// All devices of all installed drivers; none when there is no driver. Loads the drivers, which may
// take tens of milliseconds; nothing else in marvel does.
// kUnavailable when a driver fails.
Result<std::vector<Device>> list_devices();

// The device that `choice` means: "cpu" or "gpu" for the first of that type, or a number.
// kUsage for another word, kNotFound when there is no such device.
Result<Device> find_device(const std::vector<Device>& devices, const std::string& choice);

// Whether this machine has an accelerator's device file, which costs nothing to ask, so that
// drivers are not loaded in vain.
bool may_have_gpu();

}  // namespace marvel::regex::opencl
