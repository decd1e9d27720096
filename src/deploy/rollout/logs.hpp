#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/pods.hpp"
#include "deploy/rollout/service.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::rollout {

struct LogRules {
  std::string container;  // only of this name; empty: of all
  bool previous = false;  // of the run before the one that runs
  bool timestamps = false;
  std::optional<std::uint64_t> tail;  // the last lines of each container
  std::uint64_t since_seconds = 0;    // 0: from the beginning
  bool follow = false;
};

// One run of one container.
struct LogSource {
  std::string space;
  std::string pod;
  std::string uid;
  std::string container;
  std::int64_t restarts = 0;

  // "web-5d8f-x/web".
  [[nodiscard]] std::string text() const { return pod + "/" + container; }
  bool operator<(const LogSource& other) const;
};

// The containers, those for the start of a pod too, that have run (for `previous`: before).
std::vector<LogSource> log_sources(const Pods& pods, const LogRules& rules);

// Gets each line without its end, and whether there is more than one source; one call at a time.
using OnLogLine =
    std::function<Status(const LogSource& source, bool several, std::string_view line)>;

// The logs of a service's containers. Without `follow` one after the other; with it all at once,
// those of pods that come later too, until the program is asked to stop. kNotFound when nothing has
// a log and nobody waits for one. A log that cannot be read is kUnavailable at the end, when the
// others have been read.
Status read_logs(const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
                 const LogRules& rules, const OnLogLine& on_line);

}  // namespace marvel::rollout
