#pragma once

#include "base/result.hpp"
#include "regex/opencl/engine.hpp"
#include "regex/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace marvel::regex {

// Where the search is done. --device and the folder of the program's cache become one of these.
struct DeviceChoice {
  // "host": on the CPU, without OpenCL. "auto": on a GPU if there is one and 32 MiB or more are to
  // be searched, otherwise on the host. "cpu" or "gpu": on the first OpenCL device of that type. A
  // number: on the device that list_devices() gives this number.
  std::string device = "auto";
  // The folder for compiled kernels, which is made when it is missing; empty for none. Without it
  // the driver may have to compile them anew in every run, which takes half a second or so for
  // each.
  std::filesystem::path cache;
};

// Bytes of the blocks that devices are given: they work best on large ones, as what it costs to
// give them work is the same for all sizes. A block that is larger holds one very long line, of
// which every piece would be walked to the line's end: the host does it.
inline constexpr std::size_t kDeviceBlock = std::size_t{8} << 20;
static_assert(kDeviceBlock <= opencl::kMostText);

// kUsage when `device` is no word that DeviceChoice knows. Loads no driver, so a number passes here
// though no device may have it.
Status check_device(const std::string& device);

// An OpenCL device on its way to work. It may fail at any time; meanwhile and afterwards the host
// does the work, so no block waits for a device that nobody asked for, and no search ends because
// of one.
//
// One thread, the one that reads the input, calls expect() and take_failure() as it goes; the
// threads that search ask for engine() before every block and call give_up() when it fails them:
//   Accelerator accelerator(set, {"auto", cache});
//   accelerator.expect(bytes_read);
//   if (const auto engine = accelerator.engine()) { ... }  // else the CPU does this block
// Only expect() is bound to one thread; the others take a lock for a moment.
class Accelerator {
 public:
  // Starts nothing. `set` must outlive this, and every engine that was handed out.
  Accelerator(const PatternSet& set, DeviceChoice choice);
  Accelerator(const Accelerator&) = delete;
  Accelerator& operator=(const Accelerator&) = delete;
  // Waits for a device that is being made ready, which cannot be interrupted.
  ~Accelerator();

  // So much text is there for certain, counted from the begin of the search. The first call that
  // makes a device worth its while starts it: a device that was asked for is worth it always, and
  // is made ready before this returns; one that was chosen by "auto" is made ready in a thread of
  // its own, since loading the driver and compiling may take a second. "host", and a machine
  // without a GPU's device file, never load a driver. Later calls cost a comparison.
  void expect(std::uint64_t bytes);

  // The device when it is ready, or null. A caller that holds one may go on with it after
  // give_up(); the device's memory is free when the last of them lets go.
  [[nodiscard]] std::shared_ptr<const opencl::Engine> engine() const;
  // The device failed; it is not handed out any more, and no other one is tried.
  void give_up(const Error& error);
  // What went wrong with a device since the last call, so that each failure is told once. That
  // "auto" found no GPU, or no working driver for one, is no failure.
  std::optional<Error> take_failure();

 private:
  // Chooses the device, compiles its kernels and puts the tables into its memory.
  void make_ready();
  [[nodiscard]] bool is_automatic() const { return choice_.device == "auto"; }
  Result<opencl::Device> choose() const;

  const PatternSet& set_;
  DeviceChoice choice_;
  std::thread starting_;
  // Only expect() looks at it, so it needs no lock.
  bool started_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const opencl::Engine> engine_;  // guarded by mutex_
  std::optional<Error> failure_;                  // guarded by mutex_
};

}  // namespace marvel::regex
