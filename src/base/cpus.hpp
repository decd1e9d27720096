#pragma once

#include <optional>
#include <string_view>

namespace marvel {

// CPUs that this process may keep busy, at least 1: those that it may run on (sched_setaffinity(2),
// which also cpusets and `taskset` set), or fewer where its control group has a smaller share of
// time, as a container with a CPU limit has. Reads files; ask once.
int usable_cpus();

// What a control group's cpu.max says ("200000 100000": a quota and a period in microseconds),
// rounded up to whole CPUs. None for "max ...", which is no limit, and for anything else.
std::optional<int> cpus_of_quota(std::string_view cpu_max);

}  // namespace marvel
