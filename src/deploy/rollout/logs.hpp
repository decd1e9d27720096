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

// Which logs, and which lines of them.
struct LogRules {
  std::string container;  // only of this name; empty: of all
  bool previous = false;  // of the run before the one that runs
  bool timestamps = false;
  // Only the last lines of each container; absent: all.
  std::optional<std::uint64_t> tail;
  // Only lines that are not older; 0: from the beginning.
  std::uint64_t since_seconds = 0;
  // Go on with what comes, and with pods that come.
  bool follow = false;
};

// One run of one container. A container that is started again, or a pod that is made anew under the
// same name, is another source.
struct LogSource {
  std::string space;
  std::string pod;
  std::string uid;
  std::string container;
  std::int64_t restarts = 0;

  // "web-5d8f-x/web", for people; runs of the same container share it.
  [[nodiscard]] std::string text() const { return pod + "/" + container; }
  bool operator<(const LogSource& other) const;
};

// The containers, those for the start of a pod too, that have run (for `previous`: before). The
// server has no log of one that still waits for its first start. Asks nobody.
std::vector<LogSource> log_sources(const Pods& pods, const LogRules& rules);

// Gets each line without its end, and whether there is more than one source so far; one call at a
// time, from any thread. Lines beyond 1 MiB come in pieces, and bytes as the program wrote them. A
// failure ends all: nobody wants the rest.
using OnLogLine =
    std::function<Status(const LogSource& source, bool several, std::string_view line)>;

// The logs of a service's containers. Without `follow` one after the other; with it all at once,
// those of pods that come later too, until the program is asked to stop, which is no failure.
// kNotFound when nothing has a log and nobody waits for one. A log that cannot be read does not
// keep the others from being read; the first failure is returned at the end. Without `follow` a log
// of which no byte comes for as long as the connection's timeout is such a failure (kTimeout).
//
// With `follow` there is a thread and a connection for each log, and one for the pods of each
// namespace. A link that breaks, or ends while its container still runs, is made again after a
// second and goes on where it was, to the second, so some lines may come twice.
Status read_logs(const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
                 const LogRules& rules, const OnLogLine& on_line);

}  // namespace marvel::rollout
