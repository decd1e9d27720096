#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
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

// OpenCL's handles, which only engine.cpp sees, so that OpenCL's headers stay out of this one.
struct Kernels;
struct LiteralTables;

// A device made ready for a set of patterns: kernels are compiled, tables are in its memory.
// Immutable; threads may share it, and each has a Finder of its own on it:
//   MARVEL_TRY(const auto engine, Engine::make(device, set, cache));
//   Finder finder(engine, memory_limit);
//   MARVEL_TRY_STATUS(finder.find(text, ends));
//
// There are two kernels. One marks the places of the required texts, by the tables of QgramFilter,
// and the CPU then looks at their lines; it is for parts of the set that have a filter. The other
// one walks the complete automata of dfa_groups.hpp and marks the lines themselves. Where both can
// be used they race. The patterns' data are arguments of the kernels and no part of their source,
// so one compiled kernel serves all patterns.
class Engine {
 public:
  // `set` must outlive this. `cache` is the folder for compiled kernels, or empty. Compiling
  // kernels may take a second, and complete automata their time when the set was not loaded with
  // them. kUnavailable when the device fails, lacks memory, or the patterns are too many for its
  // tables.
  static Result<std::shared_ptr<const Engine>> make(const Device& device, const PatternSet& set,
                                                    const std::filesystem::path& cache);

  // For make(); elsewhere nobody has Kernels.
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

// What one thread needs to give a device work.
struct Queue;

// Finds the lines of a block that hold a match, on a device; the work it cannot do, and the exact
// look at candidate lines, are done on the CPU by the calling thread. Several of them, one per
// thread, keep the device busy: while one waits for its kernels, others copy text and look at
// candidates. It finds the same lines as HostFinder.
class Finder {
 public:
  // `memory_limit` in bytes, for automata on the CPU. `stop` must outlive this; once it is raised,
  // the CPU's share of the work ends soon and what find() found is worth nothing. `piece`: bytes of
  // text per stream of work, at most 1 MiB; 0 for what suits the device: a GPU wants many small
  // ones, a CPU few long ones. Touches the device only with the first find().
  Finder(std::shared_ptr<const Engine> engine, std::size_t memory_limit,
         const StopFlag* stop = nullptr, std::uint32_t piece = 0);
  Finder(const Finder&) = delete;
  Finder& operator=(const Finder&) = delete;
  ~Finder();

  // As LineFinder::find, with at most kMostText of text; 16 bytes behind it must be readable. A
  // device that shares the host's memory reads the text where it is, another one gets a copy.
  // Returns when all is done. kUnavailable when the device fails; then `ends` means nothing, and
  // the device is better left alone.
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

// Compiles the kernels for `device` and runs them once, on a small and on a large text as drivers
// may keep a kernel for each, so that the first search need not wait. It is the files in `cache`,
// and the driver's own, that last. Fails as Engine::make() and Finder::find().
Status warm_up(const Device& device, const std::filesystem::path& cache);

// What `find` may be given at most: larger blocks, which are single lines, are for the CPU. The
// caller compares; find() does not.
inline constexpr std::size_t kMostText = std::size_t{64} << 20;

}  // namespace marvel::regex::opencl
