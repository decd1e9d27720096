#include "deploy/rollout/blockers.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/paging.hpp"
#include "deploy/rollout/service.hpp"
#include "net/url.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::field;
using kube::text;
using nlohmann::json;

bool is_failure(const json& event) {
  const std::string reason = text(event, {"reason"});
  return reason == "FailedCreate" || reason == "ProvisioningFailed";
}

bool is_success(const json& event) {
  const std::string reason = text(event, {"reason"});
  return reason == "SuccessfulCreate" || reason == "ProvisioningSucceeded";
}

// When it happened last. Which of the fields is filled depends on the writer.
std::int64_t time_of(const json& event) {
  std::int64_t latest = 0;
  for (const std::string& time :
       {text(event, {"lastTimestamp"}), text(event, {"series", "lastObservedTime"}),
        text(event, {"eventTime"}), text(event, {"metadata", "creationTimestamp"})}) {
    latest = std::max(latest, seconds_of(time));
  }
  return latest;
}

// When marvel last changed what it wants of the object.
std::int64_t changed_at(const json& object) {
  std::int64_t latest = 0;
  for (const auto& entry : field(object, {"metadata", "managedFields"})) {
    if (text(entry, {"manager"}) == kManager && text(entry, {"operation"}) == "Apply") {
      latest = std::max(latest, seconds_of(text(entry, {"time"})));
    }
  }
  return latest;
}

template <typename Kind>
const json* newest(const std::vector<json>& events, Kind kind) {
  const json* best = nullptr;
  for (const auto& event : events) {
    if (kind(event) && (best == nullptr || time_of(event) >= time_of(*best))) {
      best = &event;
    }
  }
  return best;
}

// What something else of the same run still brings (an account, a storage class) is "not found" for
// a moment.
bool lasts(const json& event) {
  const std::string message = text(event, {"message"});
  const bool missing = message.find("not found") != std::string::npos;
  const bool again =
      std::max(kube::whole(event, {"count"}), kube::whole(event, {"series", "count"})) > 1;
  return text(event, {"reason"}) == "ProvisioningFailed"
             ? again
             : message.find("forbidden") != std::string::npos && !missing;
}

}  // namespace

bool has_blockers(const std::string& kind) {
  return kind == "StatefulSet" || kind == "DaemonSet" || kind == "Job" ||
         kind == "PersistentVolumeClaim";
}

Readiness blocked(const json& object, const Readiness& now, const std::vector<json>& events) {
  const json* failure = newest(events, is_failure);
  const json* success = newest(events, is_success);
  const bool over = failure == nullptr || time_of(*failure) < changed_at(object) ||
                    (success != nullptr && time_of(*success) > time_of(*failure));
  if (over) {
    return now;
  }
  return {lasts(*failure) ? State::kFailed : now.state,
          text(*failure, {"reason"}) + ": " + text(*failure, {"message"})};
}

Readiness blocked(kube::Client& client, const Member& member, const Readiness& now) {
  std::vector<json> events;
  const auto end = kube::list_all(
      client, "/api/v1/namespaces/" + net::percent_encode(member.ref.space) + "/events",
      {{"fieldSelector", "involvedObject.uid=" + text(*member.object, {"metadata", "uid"})}},
      [&events](const json& event) {
        events.push_back(event);
        return Status();
      },
      [&events] { events.clear(); }, "listing events");
  return end ? blocked(*member.object, now, events) : now;  // the state stands without them
}

}  // namespace marvel::rollout
