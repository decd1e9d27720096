#include "deploy/rollout/logs.hpp"

#include "deploy/kube/discovery.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/rollout/follow_pods.hpp"
#include "deploy/rollout/members.hpp"
#include "net/http.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr std::chrono::milliseconds kTryAgain{1000};
constexpr std::chrono::milliseconds kLook{100};    // how often it is looked whether to end
constexpr std::chrono::hours kAnyPause{24 * 365};  // what is followed may be silent for long
constexpr std::size_t kLongestLine = 1U << 20U;    // longer ones are handed on in pieces

using LastLine = std::optional<std::chrono::steady_clock::time_point>;

// Bytes to lines.
class LineCutter {
 public:
  explicit LineCutter(std::function<Status(std::string_view)> take) : take_(std::move(take)) {}

  Status add(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      rest_ += bytes.substr(0, end);
      if (end == std::string_view::npos && rest_.size() < kLongestLine) {
        return {};
      }
      MARVEL_TRY_STATUS(flush());
      bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    }
    return {};
  }

  Status flush() {
    const std::string line = std::exchange(rest_, {});
    return take_(line);
  }

  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  std::function<Status(std::string_view)> take_;
  std::string rest_;
};

std::string pod_path(const LogSource& source) {
  return "/api/v1/namespaces/" + net::percent_encode(source.space) + "/pods/" +
         net::percent_encode(source.pod);
}

bool has_running(const json& pod, const LogSource& source) {
  if (text(pod, {"metadata", "uid"}) != source.uid) {
    return false;
  }
  for (const char* group : {"initContainerStatuses", "containerStatuses"}) {
    for (const json& status : kube::field(pod, {"status", group})) {
      if (text(status, {"name"}) == source.container &&
          kube::whole(status, {"restartCount"}) == source.restarts) {
        return kube::field(status, {"state"}).contains("running");
      }
    }
  }
  return false;
}

kube::Call log_call(const LogSource& source, const LogRules& rules) {
  kube::Call call{.path = pod_path(source) + "/log",
                  .query = {{"container", source.container}},
                  .accept = "*/*"};
  const auto flag = [&call](bool on, const char* name) {
    if (on) {
      call.query.emplace_back(name, "true");
    }
  };
  flag(rules.previous, "previous");
  flag(rules.timestamps, "timestamps");
  flag(rules.follow, "follow");
  if (rules.tail) {
    call.query.emplace_back("tailLines", std::to_string(*rules.tail));
  }
  if (rules.since_seconds > 0) {
    call.query.emplace_back("sinceSeconds", std::to_string(rules.since_seconds));
  }
  return call;
}

class Reader {
 public:
  Reader(const std::shared_ptr<kube::Connection>& connection, const LogRules& rules,
         const OnLogLine& on_line)
      : connection_(connection), rules_(rules), on_line_(on_line) {}

  // One after the other.
  Status read_all(const Inventory& inventory) {
    kube::Client client(connection_);
    kube::Discovery discovery(client);
    MARVEL_TRY(const auto members, list_members(client, discovery, inventory));
    MARVEL_TRY(const Pods pods, pods_of(client, members));
    const auto sources = log_sources(pods, rules_);
    if (sources.empty()) {
      return fail({Errc::kNotFound,
                   "nothing of service " + inventory.name + " has a log" +
                       (rules_.container.empty() ? "" : " of container " + rules_.container),
                   "'marvel deploy status " + inventory.name + "' says what runs",
                   {},
                   "not_found"});
    }
    see(sources);
    for (const auto& source : sources) {
      LastLine last;
      keep(over_.raised() ? Status() : read(client, source, rules_, last));
    }
    return first_failure_;
  }

  // All at once: a thread for the pods of each namespace, and one for each log.
  Status follow_all(const Inventory& inventory) {
    std::set<std::string> spaces(inventory.spaces.begin(), inventory.spaces.end());
    spaces.insert(inventory.space);
    std::vector<std::thread> watchers;
    for (const auto& space : spaces) {
      watchers.emplace_back([this, &inventory, &space] {
        keep(follow_pods(
            connection_, inventory, space, [this](const Pods& pods) { return begin(pods); },
            over_));
        over_.raise(SIGTERM);
      });
    }
    while (!over_.raised() && kube::pause(kLook, connection_->stop())) {
    }
    over_.raise(SIGTERM);
    join(watchers);  // after them no log begins
    join(logs_);
    return first_failure_;
  }

 private:
  static void join(std::vector<std::thread>& threads) {
    for (auto& thread : threads) {
      thread.join();
    }
  }

  void see(const std::vector<LogSource>& sources) {
    const std::lock_guard lock(mutex_);
    for (const auto& source : sources) {
      names_.insert(source.text());
    }
  }

  Status begin(const Pods& pods) {
    const auto sources = log_sources(pods, rules_);
    see(sources);
    const std::lock_guard lock(mutex_);
    for (const auto& source : sources) {
      if (known_.insert(source).second) {
        logs_.emplace_back([this, source] { keep(follow(source)); });
      }
    }
    return {};
  }

  // Until the container's run ends. A link that breaks is made again, and goes on where it was, to
  // the second; so is one that ends in good order while the container runs, as the kubelet does
  // when it is started again and after some hours.
  Status follow(const LogSource& source) {
    kube::Client client(connection_, over_);
    LogRules rules = rules_;
    LastLine last;
    while (true) {
      Status status = read(client, source, rules, last);
      const bool goes_on = status ? still_runs(client, source) : is_passing(status.error());
      if (!goes_on || !kube::pause(kTryAgain, over_)) {
        return status;
      }
      if (last) {
        rules.tail.reset();
        const auto quiet = std::chrono::steady_clock::now() - *last;
        rules.since_seconds = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(quiet).count() + 1);
      }
    }
  }

  static bool is_passing(const Error& error) {
    return error.code == Errc::kUnavailable || error.code == Errc::kTimeout;
  }

  // Whether the same run of the container may write more.
  [[nodiscard]] bool still_runs(kube::Client& client, const LogSource& source) const {
    if (rules_.previous) {
      return false;
    }
    const auto pod = client.get(pod_path(source), {}, "reading pod " + source.pod);
    return pod ? has_running(*pod, source) : is_passing(pod.error());
  }

  Status read(kube::Client& client, const LogSource& source, const LogRules& rules,
              LastLine& last) {
    LineCutter cutter([&](std::string_view line) {
      const std::lock_guard lock(mutex_);
      last = std::chrono::steady_clock::now();
      Status taken = on_line_(source, names_.size() > 1, line);
      if (!taken) {
        over_.raise(SIGTERM);  // nobody wants the rest
      }
      return taken;
    });
    MARVEL_TRY_STATUS(client.stream(
        log_call(source, rules), [&](std::string_view bytes) { return cutter.add(bytes); },
        rules_.follow ? kAnyPause : connection_->options().timeouts.total,
        "reading the log of " + source.text()));
    return cutter.empty() ? Status() : cutter.flush();
  }

  // The first failure; that the others were stopped for it is none.
  void keep(Status status) {
    const std::lock_guard lock(mutex_);
    if (!status && first_failure_ && status.error().reason != "interrupted") {
      first_failure_ = std::move(status);
    }
  }

  std::shared_ptr<kube::Connection> connection_;
  const LogRules& rules_;
  const OnLogLine& on_line_;
  StopFlag over_;                  // of all threads here
  std::vector<std::thread> logs_;  // of --follow; grown under the mutex
  std::mutex mutex_;               // guards what follows, and calls of on_line_
  std::set<LogSource> known_;
  std::set<std::string> names_;  // of all sources so far
  Status first_failure_;
};

}  // namespace

bool LogSource::operator<(const LogSource& other) const {
  return std::tie(pod, uid, container, restarts) <
         std::tie(other.pod, other.uid, other.container, other.restarts);
}

std::vector<LogSource> log_sources(const Pods& pods, const LogRules& rules) {
  std::vector<LogSource> sources;
  for (const json& pod : pods) {
    for (const char* group : {"initContainerStatuses", "containerStatuses"}) {
      for (const json& status : kube::field(pod, {"status", group})) {
        LogSource source{text(pod, {"metadata", "namespace"}), text(pod, {"metadata", "name"}),
                         text(pod, {"metadata", "uid"}), text(status, {"name"}),
                         kube::whole(status, {"restartCount"})};
        const json& now = kube::field(status, {"state"});
        const bool has_run = now.contains("running") || now.contains("terminated");
        const bool ran_before = source.restarts > 0;
        const bool wanted = rules.container.empty() || rules.container == source.container;
        if (wanted && (rules.previous ? ran_before : has_run || ran_before)) {
          sources.push_back(std::move(source));
        }
      }
    }
  }
  return sources;
}

Status read_logs(const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
                 const LogRules& rules, const OnLogLine& on_line) {
  Reader reader(connection, rules, on_line);
  return rules.follow ? reader.follow_all(inventory) : reader.read_all(inventory);
}

}  // namespace marvel::rollout
