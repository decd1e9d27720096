#pragma once

#include "cli/command.hpp"
#include "regex/explain.hpp"
#include "regex/measure.hpp"
#include "regex/opencl/devices.hpp"
#include "regex/search.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// What people and programs see of `marvel regex` beside the lines it finds: plain data in, finished
// text and JSON out. The lines themselves are written while they are found (regex/search.hpp) and
// never pass through here. Exit codes are grep's: 0 found, 1 nothing, 2 trouble.
//
// What became of one device that was made ready ahead of time.
struct WarmDevice {
  regex::opencl::Device device;
  // That it took, also where it failed.
  double seconds = 0;
  std::string failure;  // empty: it is ready
};

// What --list-devices answers. Exit code 1, with advice, where there is no device.
Answer devices_answer(const std::vector<regex::opencl::Device>& devices);
// What --warm-up answers. Exit code 2 when one of the devices failed, 1 when there is none.
Answer warm_up_answer(const std::vector<WarmDevice>& devices);
// What --bench answers, a row per engine; `bytes` is the size of the text that was searched.
Answer speeds_answer(const std::vector<regex::Speed>& speeds, std::uint64_t bytes);
// What --explain answers: parts first, then patterns in their order. `patterns` are those of the
// set that `plan` is of. Required texts are quoted as in JSON, because they may hold any byte.
Answer plan_answer(const regex::Plan& plan, const std::vector<regex::Pattern>& patterns);
// The closing message of --stats. `seconds` is the wall time of the search; speeds are in 10^9
// bytes per second.
std::string stats_line(const regex::SearchResult& result, double seconds);

}  // namespace marvel::cli
