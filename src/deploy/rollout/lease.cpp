#include "deploy/rollout/lease.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/readiness.hpp"
#include "deploy/rollout/service.hpp"
#include "net/url.hpp"

#include <array>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

// Goes on while the machine sleeps, which a steady_clock does not.
std::chrono::nanoseconds now_since_start() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// Lease times have microseconds.
std::string time_text(std::int64_t seconds) {
  const std::time_t now = seconds;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::string time(40, '\0');
  time.resize(std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%S.000000Z", &parts));
  return time;
}

// host, process and start, so that two runs of one process number differ.
std::string own_name() {
  std::array<char, 65> host{};
  ::gethostname(host.data(), host.size() - 1);
  const auto ticks = std::chrono::steady_clock::now().time_since_epoch().count();
  return std::string(host.data()) + ", process " + std::to_string(::getpid()) + ", " +
         std::to_string(ticks % 1'000'000'000);
}

std::string folder_of(const std::string& space) {
  return "/apis/coordination.k8s.io/v1/namespaces/" + net::percent_encode(space) + "/leases";
}

json lease_object(const std::string& service, const std::string& space,
                  std::chrono::seconds duration, const std::string& now) {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata",
           {{"name", parent_name(service)},
            {"namespace", space},
            {"labels", {{kServiceLabel, service}}}}},
          {"spec",
           {{"holderIdentity", own_name()},
            {"leaseDurationSeconds", duration.count()},
            {"acquireTime", now},
            {"renewTime", now}}}};
}

std::string holder_of(const json& lease) {
  return text(lease, {"spec", "holderIdentity"});
}

// The time up to seconds: what follows the point does not matter.
std::int64_t renewed_at(const json& lease) {
  const std::string time = text(lease, {"spec", "renewTime"});
  return seconds_of(time.substr(0, time.find_first_of(".Z")) + "Z");
}

bool expired(const json& lease, std::int64_t now) {
  constexpr std::int64_t kUsual = 30;
  const auto duration = kube::whole(lease, {"spec", "leaseDurationSeconds"}, kUsual);
  return holder_of(lease).empty() || renewed_at(lease) + duration < now;
}

// One try: the lease as it is now; null when it is held by somebody else, whose lease then is in
// `other`.
Result<json> try_acquire(kube::Client& client, const std::string& folder, const json& lease,
                         json& other) {
  const std::string what = "taking the lease of " + text(lease, {"metadata", "name"});
  MARVEL_TRY(const auto created,
             client.exchange({.method = "POST", .path = folder, .body = kube::json_text(lease)}));
  if (created.ok()) {
    return kube::parse_json(created.body, what);
  }
  if (created.status != 409) {
    return fail(to_error(kube::read_status(created.status, created.body), what));
  }
  const std::string path = folder + "/" + text(lease, {"metadata", "name"});
  const auto current = client.get(path, {}, what);
  if (!current) {
    if (current.error().reason == "not_found") {
      return json();  // given back meanwhile
    }
    return fail(current.error());
  }
  other = *current;
  if (!expired(*current, client.connection()->clock().now())) {
    return json();
  }
  json taken = lease;
  taken["metadata"]["resourceVersion"] = text(*current, {"metadata", "resourceVersion"});
  MARVEL_TRY(const auto replaced,
             client.exchange({.method = "PUT", .path = path, .body = kube::json_text(taken)}));
  if (replaced.ok()) {
    return kube::parse_json(replaced.body, what);
  }
  if (replaced.status == 409 || replaced.status == 404) {
    return json();  // another one was faster
  }
  return fail(to_error(kube::read_status(replaced.status, replaced.body), what));
}

Error held_by(const json& other, const std::string& service, std::chrono::seconds duration) {
  return {Errc::kConflict,
          "another run is changing service " + service + " (" + holder_of(other) + ", since " +
              text(other, {"spec", "acquireTime"}) + ")",
          "wait for it; if it has died, its lease ends after " + std::to_string(duration.count()) +
              " s",
          {}};
}

std::string waiting_for(const json& other, const std::string& service, const LeaseRules& rules) {
  return "another run is changing service " + service + " (" + holder_of(other) +
         "): waiting up to " + std::to_string(rules.patience.count()) +
         " s, in which its lease ends if it has died";
}

Error lost(const std::string& service, const std::string& why, Errc code = Errc::kConflict) {
  return {code,
          "this run may not change service " + service + " any more: " + why,
          "what it applied stays, and it goes no further; run it again, and it goes on from there",
          {}};
}

// A stop flag of its own, that is raised when `limit` is over.
class BriefWork {
 public:
  explicit BriefWork(std::chrono::milliseconds limit)
      : timer_([this, limit] {
          std::unique_lock lock(mutex_);
          if (!wake_.wait_for(lock, limit, [this] { return done_; })) {
            stop_.raise(SIGALRM);
          }
        }) {}
  ~BriefWork() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    timer_.join();
  }
  BriefWork(const BriefWork&) = delete;
  BriefWork& operator=(const BriefWork&) = delete;

  [[nodiscard]] const StopFlag& stop() const { return stop_; }

 private:
  StopFlag stop_;
  std::mutex mutex_;  // guards done_
  std::condition_variable wake_;
  bool done_ = false;
  std::thread timer_;
};

}  // namespace

bool is_leased(kube::Client& client, const std::string& service, const std::string& space) {
  const auto lease = client.get(folder_of(space) + "/" + parent_name(service), {},
                                "reading the lease of " + service);
  if (!lease) {
    return lease.error().reason != "not_found";
  }
  return !expired(*lease, client.connection()->clock().now());
}

Result<std::unique_ptr<LeaseHold>> LeaseHold::acquire(
    const std::shared_ptr<kube::Connection>& connection, const std::string& service,
    const std::string& space, const LeaseRules& rules) {
  kube::Client client(connection);
  const std::string folder = folder_of(space);
  const auto limit = std::chrono::steady_clock::now() + rules.patience;
  bool told = !rules.on_wait;
  while (true) {
    json other;
    const SinceStart now = now_since_start();
    MARVEL_TRY(json mine, try_acquire(client, folder,
                                      lease_object(service, space, rules.duration,
                                                   time_text(connection->clock().now())),
                                      other));
    if (!mine.is_null()) {
      return std::unique_ptr<LeaseHold>(
          new LeaseHold(connection, service, folder + "/" + parent_name(service),
                        std::make_unique<json>(std::move(mine)), rules.duration, now));
    }
    if (std::chrono::steady_clock::now() >= limit ||
        !kube::pause(std::chrono::milliseconds(300), connection->stop())) {
      return fail(held_by(other, service, rules.duration));
    }
    if (!told && !other.is_null()) {
      rules.on_wait(waiting_for(other, service, rules));
      told = true;
    }
  }
}

LeaseHold::LeaseHold(std::shared_ptr<kube::Connection> connection, std::string service,
                     std::string path, std::unique_ptr<json> lease, std::chrono::seconds duration,
                     SinceStart taken)
    : connection_(std::move(connection)),
      service_(std::move(service)),
      path_(std::move(path)),
      duration_(duration),
      lease_(std::move(lease)),
      renewed_(taken),
      renewer_([this] { keep_renewing(); }) {}

void LeaseHold::keep_renewing() {
  kube::Client client(connection_);
  const auto pause = std::chrono::milliseconds(duration_) / 3;
  std::unique_lock lock(end_mutex_);
  while (!wake_.wait_for(lock, pause, [this] { return ending_; })) {
    lock.unlock();
    {
      const std::lock_guard guard(mutex_);
      renew(client);
    }
    lock.lock();
  }
}

// A PUT, not a patch: taking a lease over needs the right to update anyway. A link that is down is
// not final: the next renewal comes before the lease ends.
void LeaseHold::renew(kube::Client& client) {
  if (lost_) {
    return;
  }
  const SinceStart now = now_since_start();
  (*lease_)["spec"]["renewTime"] = time_text(connection_->clock().now());
  const auto reply =
      client.exchange({.method = "PUT", .path = path_, .body = kube::json_text(*lease_)});
  if (reply && (reply->status == 409 || reply->status == 404)) {
    return look_again(client);
  }
  if (!reply || !reply->ok()) {
    return;
  }
  if (auto renewed = kube::parse_json(reply->body, "the lease")) {
    *lease_ = std::move(*renewed);
    renewed_ = now;
  }
}

// Somebody has changed the lease. It is still ours when that was a renewal whose answer did not
// arrive, or somebody who added a label; then its version is the one to renew next.
void LeaseHold::look_again(kube::Client& client) {
  auto current = client.get(path_, {}, "reading the lease of " + service_);
  if (current && holder_of(*current) == holder_of(*lease_)) {
    *lease_ = std::move(*current);
  } else if (current || current.error().reason == "not_found") {
    lost_ = lost(service_, current ? "it stood still for longer than its lease, and another run (" +
                                         holder_of(*current) + ") took over"
                                   : "its lease was deleted");
  }
}

Status LeaseHold::confirm() {
  const std::lock_guard lock(mutex_);
  // With renewals in time it is never older than a third.
  const auto fresh = [this] { return now_since_start() - renewed_ < SinceStart(duration_) / 2; };
  kube::Client client(connection_);
  for (int tries = 0; tries < 3 && !lost_ && !fresh(); ++tries) {
    renew(client);
  }
  if (!lost_ && now_since_start() - renewed_ >= duration_) {
    return fail(lost(
        service_, "its lease could not be renewed for " + std::to_string(duration_.count()) + " s",
        Errc::kUnavailable));
  }
  return lost_ ? fail(*lost_) : Status();
}

LeaseHold::~LeaseHold() {
  {
    const std::lock_guard lock(end_mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  renewer_.join();
  try {
    give_back();
  } catch (const std::exception&) {
    return;  // out of memory at the worst: then the lease ends by itself
  }
}

void LeaseHold::give_back() {
  if (lost_) {
    return;
  }
  const BriefWork work(
      std::chrono::seconds(5));  // also after Ctrl-C, when the next run waits for it
  kube::Client client(connection_, work.stop());
  const auto lease = client.get(path_, {}, "giving the lease back");
  if (lease && holder_of(*lease) == holder_of(*lease_)) {
    const json options = {
        {"preconditions", {{"resourceVersion", text(*lease, {"metadata", "resourceVersion"})}}}};
    static_cast<void>(
        client.exchange({.method = "DELETE", .path = path_, .body = kube::json_text(options)}));
  }
}

}  // namespace marvel::rollout
