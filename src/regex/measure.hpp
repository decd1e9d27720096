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

// How fast one engine finds the matching lines of a text that is in memory already.
struct Speed {
  std::string engine;  // "filter": literals first; "automaton": all text is walked
  std::string device;  // "host", or the name of an OpenCL device
  int device_number = -1;
  int threads = 1;
  double mb_per_s = 0;       // 10^6 bytes per second; the median of several rounds
  double ready_seconds = 0;  // to make the engine ready
  std::uint64_t lines = 0;   // that match: the same for all engines
};

struct MeasureOptions {
  int threads = 1;
  std::size_t memory_limit = std::size_t{64} << 20;
  DeviceChoice device;  // "auto" stands for all devices here
};

// All inputs as one text of whole lines, up to a gigabyte; kUsage when that is nothing.
Result<std::string> read_inputs(const std::vector<std::string>& paths, const StopFlag& stop);

// Runs every engine on `text`, which ends with a line end. Devices that fail are warnings in
// `context.log` and left out.
Result<std::vector<Speed>> measure(const PatternSet& set, const std::string& text,
                                   const MeasureOptions& options, Context& context);

}  // namespace marvel::regex
