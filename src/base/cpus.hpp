#pragma once

#include <optional>
#include <string_view>

namespace marvel {

// CPUs that this process may keep busy, at least 1: those that it may run on (sched_setaffinity(2),
// which also cpusets and `taskset` set), or fewer where its control group has a smaller share of
// time, as a container with a CPU limit has. std::thread::hardware_concurrency() knows nothing of
// that share, and more threads than it allows only wait for each other. Limits of groups above the
// process's own are not looked at, nor those of control groups of version 1. Reads two small files;
// ask once. Never fails: what cannot be read limits nothing.
int usable_cpus();

// What a control group's cpu.max says ("200000 100000": a quota and a period in microseconds),
// rounded up to whole CPUs. None for "max ...", which is no limit, and for anything else. At least
// 1 and at most 2^20.
std::optional<int> cpus_of_quota(std::string_view cpu_max);

}  // namespace marvel
