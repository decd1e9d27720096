#include "deploy/rollout/lease.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/readiness.hpp"
#include "deploy/rollout/service.hpp"
#include "net/url.hpp"

#include <array>
#include <ctime>
#include <exception>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr std::chrono::seconds kDuration{30};

// Lease times have microseconds.
std::string now_text() {
  const std::time_t now = std::time(nullptr);
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

json lease_object(const std::string& service, const std::string& space, const std::string& holder) {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata",
           {{"name", parent_name(service)},
            {"namespace", space},
            {"labels", {{kServiceLabel, service}}}}},
          {"spec",
           {{"holderIdentity", holder},
            {"leaseDurationSeconds", kDuration.count()},
            {"acquireTime", now_text()},
            {"renewTime", now_text()}}}};
}

// The time up to seconds: what follows the point does not matter.
std::int64_t renewed_at(const json& lease) {
  const std::string time = text(lease, {"spec", "renewTime"});
  return seconds_of(time.substr(0, time.find_first_of(".Z")) + "Z");
}

bool expired(const json& lease) {
  const auto duration = kube::whole(lease, {"spec", "leaseDurationSeconds"}, kDuration.count());
  return text(lease, {"spec", "holderIdentity"}).empty() ||
         renewed_at(lease) + duration < std::time(nullptr);
}

// One try. Nothing when it is held by somebody else, who then is in `other`.
Result<bool> try_acquire(kube::Client& client, const std::string& folder, const json& lease,
                         json& other) {
  const std::string what = "taking the lease of " + text(lease, {"metadata", "name"});
  MARVEL_TRY(const auto created,
             client.exchange({.method = "POST", .path = folder, .body = kube::json_text(lease)}));
  if (created.ok()) {
    return true;
  }
  if (created.status != 409) {
    return fail(to_error(kube::read_status(created.status, created.body), what));
  }
  const std::string path = folder + "/" + text(lease, {"metadata", "name"});
  const auto current = client.get(path, {}, what);
  if (!current) {
    if (current.error().reason == "not_found") {
      return false;  // given back meanwhile
    }
    return fail(current.error());
  }
  other = *current;
  if (!expired(*current)) {
    return false;
  }
  json taken = lease;
  taken["metadata"]["resourceVersion"] = text(*current, {"metadata", "resourceVersion"});
  MARVEL_TRY(const auto replaced,
             client.exchange({.method = "PUT", .path = path, .body = kube::json_text(taken)}));
  return replaced.ok();
}

}  // namespace

Result<std::unique_ptr<LeaseHold>> LeaseHold::acquire(
    const std::shared_ptr<kube::Connection>& connection, const std::string& service,
    const std::string& space, std::chrono::seconds patience) {
  kube::Client client(connection);
  const std::string folder =
      "/apis/coordination.k8s.io/v1/namespaces/" + net::percent_encode(space) + "/leases";
  const std::string holder = own_name();
  const auto limit = std::chrono::steady_clock::now() + patience;
  while (true) {
    json other;
    MARVEL_TRY(const bool mine,
               try_acquire(client, folder, lease_object(service, space, holder), other));
    if (mine) {
      return std::unique_ptr<LeaseHold>(
          new LeaseHold(connection, folder + "/" + parent_name(service), holder));
    }
    if (std::chrono::steady_clock::now() >= limit ||
        !kube::pause(std::chrono::milliseconds(300), connection->stop())) {
      return fail(Errc::kConflict,
                  "another run is changing service " + service + " (" +
                      text(other, {"spec", "holderIdentity"}) + ", since " +
                      text(other, {"spec", "acquireTime"}) + ")",
                  "wait for it; if it has died, its lease ends after " +
                      std::to_string(kDuration.count()) + " s");
    }
  }
}

LeaseHold::LeaseHold(std::shared_ptr<kube::Connection> connection, std::string path,
                     std::string holder)
    : connection_(std::move(connection)),
      path_(std::move(path)),
      holder_(std::move(holder)),
      renewer_([this] { keep_renewing(); }) {}

void LeaseHold::keep_renewing() {
  kube::Client client(connection_);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kDuration / 3, [this] { return ending_; })) {
    lock.unlock();
    const json patch = {{"spec", {{"renewTime", now_text()}, {"holderIdentity", holder_}}}};
    // A failure is not final: the next renewal comes before the lease ends.
    static_cast<void>(client.exchange({.method = "PATCH",
                                       .path = path_,
                                       .body = kube::json_text(patch),
                                       .content_type = kube::kMergePatch}));
    lock.lock();
  }
}

LeaseHold::~LeaseHold() {
  {
    const std::lock_guard lock(mutex_);
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

void LeaseHold::give_back() const {
  kube::Client client(connection_);
  const auto lease = client.get(path_, {}, "giving the lease back");
  if (lease && text(*lease, {"spec", "holderIdentity"}) == holder_) {
    const json options = {
        {"preconditions", {{"resourceVersion", text(*lease, {"metadata", "resourceVersion"})}}}};
    static_cast<void>(
        client.exchange({.method = "DELETE", .path = path_, .body = kube::json_text(options)}));
  }
}

}  // namespace marvel::rollout
