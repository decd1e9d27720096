#include "regex/opencl/devices.hpp"

#include <doctest/doctest.h>

namespace marvel::regex::opencl {

TEST_CASE("devices say what they are") {
  const auto devices = list_devices();
  REQUIRE(devices.has_value());
  REQUIRE_FALSE(devices->empty());
  int number = 0;
  for (const Device& device : *devices) {
    CHECK(device.number == number++);
    CHECK_FALSE(device.name.empty());
    CHECK_FALSE(device.platform.empty());
    CHECK(device.memory > 0);
    CHECK(device.units > 0);
  }
}

TEST_CASE("a device is found by type and by number") {
  Device cpu;
  cpu.type = DeviceType::kCpu;
  Device gpu;
  gpu.number = 1;
  gpu.type = DeviceType::kGpu;
  const std::vector<Device> both{cpu, gpu};
  CHECK(find_device(both, "cpu")->number == 0);
  CHECK(find_device(both, "gpu")->number == 1);
  CHECK(find_device(both, "1")->type == DeviceType::kGpu);
  CHECK(find_device(both, "2").error().code == Errc::kNotFound);
  CHECK(find_device({cpu}, "gpu").error().code == Errc::kNotFound);
  for (const char* const word : {"", "fpga", "-1", "1x", "99999999999"}) {
    CHECK(find_device(both, word).error().code == Errc::kUsage);
  }
}

TEST_CASE("types have names") {
  CHECK(device_type_name(DeviceType::kCpu) == "cpu");
  CHECK(device_type_name(DeviceType::kGpu) == "gpu");
  CHECK(device_type_name(DeviceType::kAccelerator) == "accelerator");
}

}  // namespace marvel::regex::opencl
