#pragma once

#include "base/result.hpp"
#include "regex/dfa_groups.hpp"
#include "regex/opencl/devices.hpp"
#include "regex/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex::opencl {

// OpenCL's handles.
struct Kernels;
struct LiteralTables;

// A device made ready for a set of patterns: kernels are compiled, tables are in its memory.
// Threads may share it.
class Engine {
 public:
  // `set` must outlive this. `cache` is the folder for compiled kernels, or empty.
  // kUnavailable when the device fails, lacks memory, or the patterns are too many for its tables.
  static Result<std::shared_ptr<const Engine>> make(const Device& device, const PatternSet& set,
                                                    const std::filesystem::path& cache);

  Engine(std::unique_ptr<Kernels> kernels, Device device, const PatternSet& set);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  [[nodiscard]] const Device& device() const { return device_; }
  [[nodiscard]] const PatternSet& set() const { return set_; }
  [[nodiscard]] const Kernels& kernels() const { return *kernels_; }

 private:
  std::unique_ptr<Kernels> kernels_;
  Device device_;
  const PatternSet& set_;
};

struct Queue;

// Finds the lines of a block that hold a match, on a device; the work it cannot do, and the exact
// look at candidate lines, are done on the CPU by the calling thread. Several of them, one per
// thread, keep the device busy: while one waits for its kernels, others copy text and look at
// candidates.
class Finder {
 public:
  // `memory_limit` in bytes, for automata on the CPU. `piece`: bytes of text per stream of work,
  // at most 1 MiB; 0 for what suits the device.
  Finder(std::shared_ptr<const Engine> engine, std::size_t memory_limit, std::uint32_t piece = 0);
  Finder(const Finder&) = delete;
  Finder& operator=(const Finder&) = delete;
  ~Finder();

  // As LineFinder::find; 16 bytes behind `text` must be readable. When it fails, `ends` means
  // nothing, and the device is better left alone.
  Status find(std::string_view text, std::vector<std::uint32_t>& ends);

 private:
  struct Part;
  void find_part(Part& part, std::string_view text, std::vector<std::uint32_t>& ends);
  void find_literals(Part& part, const LiteralTables& literals, std::string_view text,
                     std::vector<std::uint32_t>& ends);
  void find_lines(Part& part, std::string_view text, std::vector<std::uint32_t>& ends);

  std::shared_ptr<const Engine> engine_;
  std::uint32_t piece_;
  std::unique_ptr<Queue> queue_;
  std::vector<Part> parts_;
  std::vector<std::uint32_t> more_;
};

// Compiles the kernels for `device` and runs them once, so that the first search need not wait.
Status warm_up(const Device& device, const std::filesystem::path& cache);

// What `find` may be given at most: larger blocks, which are single lines, are for the CPU.
inline constexpr std::size_t kMostText = std::size_t{64} << 20;

}  // namespace marvel::regex::opencl
