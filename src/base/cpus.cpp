#include "base/cpus.hpp"

#include "base/file.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <string>
#include <thread>

#include <sched.h>

namespace marvel {
namespace {

constexpr std::uint64_t kMostCpus = 1 << 20;

int allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) {  // more CPUs than the set has room for
    return static_cast<int>(std::thread::hardware_concurrency());
  }
  return CPU_COUNT(&set);
}

// The folder of this process's control group (version 2), as "/system.slice/vpn.service"; "/" where
// it cannot be known, which is also what a container sees of its own.
std::string control_group() {
  const auto groups = read_file("/proc/self/cgroup");
  for (const auto& line : groups ? split(*groups, '\n') : std::vector<std::string>()) {
    if (line.starts_with("0::/")) {
      return line.substr(3);
    }
  }
  return "/";
}

}  // namespace

std::optional<int> cpus_of_quota(std::string_view cpu_max) {
  const auto parts = split(std::string(trim(cpu_max)), ' ');
  if (parts.size() != 2) {
    return std::nullopt;
  }
  const auto quota = parse_unsigned(parts[0]);
  const auto period = parse_unsigned(parts[1]);
  if (!quota || !period || *quota == 0 || *period == 0) {
    return std::nullopt;
  }
  const std::uint64_t whole = *quota / *period + (*quota % *period != 0 ? 1 : 0);
  return static_cast<int>(std::min(whole, kMostCpus));
}

int usable_cpus() {
  const auto cpu_max = read_file("/sys/fs/cgroup" + control_group() + "/cpu.max");
  const auto limit = cpu_max ? cpus_of_quota(*cpu_max) : std::nullopt;
  const int allowed = std::max(allowed_cpus(), 1);
  return limit ? std::min(*limit, allowed) : allowed;
}

}  // namespace marvel
