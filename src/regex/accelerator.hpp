#pragma once

#include "base/result.hpp"
#include "regex/opencl/engine.hpp"
#include "regex/pattern.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace marvel::regex {

// Where the search is done.
struct DeviceChoice {
  // "host": on the CPU, without OpenCL. "auto": on a GPU if there is one and the input is large,
  // otherwise on the host. "cpu", "gpu" or a number: on that OpenCL device.
  std::string device = "auto";
  std::filesystem::path cache;  // folder for compiled kernels; empty for none
};

// kUsage when `device` is no word that DeviceChoice knows.
Status check_device(const std::string& device);

// An OpenCL device on its way to work. It is made ready in the background, since that may take
// a second, and may fail at any time; meanwhile and afterwards the host does the work. Threads may
// share it.
class Accelerator {
 public:
  // `set` must outlive this.
  Accelerator(const PatternSet& set, DeviceChoice choice);
  Accelerator(const Accelerator&) = delete;
  Accelerator& operator=(const Accelerator&) = delete;
  ~Accelerator();

  // So much text is there for certain. The first call that makes a device worth its while starts
  // it; a device that was asked for is worth it always, and is waited for.
  void expect(std::uint64_t bytes);

  // The device when it is ready, or null.
  [[nodiscard]] std::shared_ptr<const opencl::Engine> engine() const;
  // The device failed; it is not handed out any more.
  void give_up(const Error& error);
  // What went wrong with a device since the last call.
  std::optional<Error> take_failure();

 private:
  void make_ready();
  [[nodiscard]] bool is_automatic() const { return choice_.device == "auto"; }
  Result<opencl::Device> choose() const;

  const PatternSet& set_;
  DeviceChoice choice_;
  std::thread starting_;
  bool started_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const opencl::Engine> engine_;  // guarded by mutex_
  std::optional<Error> failure_;                  // guarded by mutex_
};

}  // namespace marvel::regex
