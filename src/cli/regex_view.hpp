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
// text and JSON out.

struct WarmDevice {
  regex::opencl::Device device;
  double seconds = 0;
  std::string failure;  // empty: it is ready
};

Answer devices_answer(const std::vector<regex::opencl::Device>& devices);
Answer warm_up_answer(const std::vector<WarmDevice>& devices);
Answer speeds_answer(const std::vector<regex::Speed>& speeds, std::uint64_t bytes);
Answer plan_answer(const regex::Plan& plan, const std::vector<regex::Pattern>& patterns);
// The closing message of --stats.
std::string stats_line(const regex::SearchResult& result, double seconds);

}  // namespace marvel::cli
