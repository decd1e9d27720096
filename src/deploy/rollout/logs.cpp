#include "deploy/rollout/logs.hpp"

#include "deploy/kube/discovery.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/rollout/members.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr std::chrono::milliseconds kLookAgain{1000};
constexpr std::chrono::hours kAnyPause{24 * 365};  // a log may be silent for as long as it likes
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

kube::Call log_call(const LogSource& source, const LogRules& rules) {
  kube::Call call{.path = "/api/v1/namespaces/" + net::percent_encode(source.space) + "/pods/" +
                          net::percent_encode(source.pod) + "/log",
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

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    for (auto& thread : threads_) {
      thread.join();
    }
  }

  Status go(const Inventory& inventory) {
    kube::Client client(connection_);
    kube::Discovery discovery(client);
    do {
      MARVEL_TRY(const auto members, list_members(client, discovery, inventory));
      MARVEL_TRY(const Pods pods, pods_of(client, members));
      const auto sources = log_sources(pods, rules_);
      see(sources);
      begin(client, sources);
    } while (rules_.follow && !failed() && kube::pause(kLookAgain, connection_->stop()));
    return end(inventory);
  }

 private:
  void see(const std::vector<LogSource>& sources) {
    const std::lock_guard lock(mutex_);
    several_ = several_ || sources.size() > 1;
  }

  // Those that are new: read now, or by a thread of its own each.
  void begin(kube::Client& client, const std::vector<LogSource>& sources) {
    for (const auto& source : sources) {
      if (!known_.insert(source).second) {
        continue;
      }
      if (rules_.follow) {
        threads_.emplace_back([this, source] {
          kube::Client own(connection_);
          keep(follow(own, source));
        });
      } else if (!failed()) {
        LastLine last;
        keep(read(client, source, rules_, last));
      }
    }
  }

  // Until the container's run ends. A link that breaks is made again, and goes on where it was, to
  // the second.
  Status follow(kube::Client& client, const LogSource& source) {
    LogRules rules = rules_;
    LastLine last;
    while (true) {
      Status status = read(client, source, rules, last);
      const bool broken = !status && (status.error().code == Errc::kUnavailable ||
                                      status.error().code == Errc::kTimeout);
      if (!broken || failed() || !kube::pause(kLookAgain, connection_->stop())) {
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

  Status read(kube::Client& client, const LogSource& source, const LogRules& rules,
              LastLine& last) {
    LineCutter cutter([&](std::string_view line) {
      const std::lock_guard lock(mutex_);
      last = std::chrono::steady_clock::now();
      const Status taken = on_line_(source, several_, line);
      sink_broken_ = sink_broken_ || !taken;
      return taken;
    });
    MARVEL_TRY_STATUS(client.stream(
        log_call(source, rules), [&](std::string_view bytes) { return cutter.add(bytes); },
        kAnyPause, "reading the log of " + source.text()));
    return cutter.empty() ? Status() : cutter.flush();
  }

  void keep(Status status) {
    const std::lock_guard lock(mutex_);
    if (!status && first_failure_ && !connection_->stop().raised()) {
      first_failure_ = std::move(status);
    }
  }

  // The reader of our lines is gone: nobody wants the rest.
  bool failed() {
    const std::lock_guard lock(mutex_);
    return sink_broken_;
  }

  Status end(const Inventory& inventory) {
    for (auto& thread : std::exchange(threads_, {})) {
      thread.join();
    }
    if (known_.empty() && !rules_.follow) {
      return fail({Errc::kNotFound,
                   "nothing of service " + inventory.name + " has a log" +
                       (rules_.container.empty() ? "" : " of container " + rules_.container),
                   "'marvel deploy status " + inventory.name + "' says what runs",
                   {},
                   "not_found"});
    }
    return first_failure_;
  }

  std::shared_ptr<kube::Connection> connection_;
  const LogRules& rules_;
  const OnLogLine& on_line_;
  std::set<LogSource> known_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // guards what follows
  bool several_ = false;
  bool sink_broken_ = false;
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
  return Reader(connection, rules, on_line).go(inventory);
}

}  // namespace marvel::rollout
