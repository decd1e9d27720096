#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "regex/accelerator.hpp"
#include "regex/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// How fast one engine finds the matching lines of a text that is in memory already, without reading
// and printing; what a whole search takes is another matter.
struct Speed {
  std::string engine;  // "filter": literals first; "automaton": all text is walked
  std::string device;  // "host", or the name of an OpenCL device
  // As list_devices() counts, or -1 for the host.
  int device_number = -1;
  int threads = 1;
  // 10^6 bytes per second, of all threads together; the median of seven rounds over the text, after
  // one that makes the automata's states and does not count. After a stop of those that were run,
  // or 0.
  double mb_per_s = 0;
  // To make the engine ready: for a device to compile kernels, unless the cache has them, and to
  // make and load its tables.
  double ready_seconds = 0;
  // That match: the same for all engines, so another number shows a mistake.
  std::uint64_t lines = 0;
};

// What --bench runs.
struct MeasureOptions {
  // At least 1. Devices are given work by as many.
  int threads = 1;
  // Bytes for automata, of all threads together.
  std::size_t memory_limit = std::size_t{64} << 20;
  // "auto" stands for all devices here, and "host" for none. kNotFound for one that is not there.
  DeviceChoice device;
};

// All inputs as one text of whole lines; kUsage when that is nothing. Up to a gigabyte: beyond that
// the rest is left out. Fails as Input does, on the first input that cannot be read. "-" is
// standard input; packed data are not unpacked.
Result<std::string> read_inputs(const std::vector<std::string>& paths, const StopFlag& stop);

// Runs every engine on `text`, which ends with a line end: on the host the one with the filter, if
// the set has one, and the automaton alone, and then the same on each device. Devices that fail are
// warnings in `context.log` and left out; a driver that cannot list its devices is a failure. Takes
// eight times the text per engine, and twice the text in memory.
Result<std::vector<Speed>> measure(const PatternSet& set, const std::string& text,
                                   const MeasureOptions& options, Context& context);

}  // namespace marvel::regex
