#include "deploy/rollout/wait.hpp"

#include "base/text.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/rollout/blockers.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/lease.hpp"
#include "deploy/rollout/newest_pods.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::field;
using kube::text;
using nlohmann::json;

constexpr const char* kLogLines = "5";
constexpr std::size_t kMostTroubles = 5;  // of one member; the others fail for the same cause

// The container that crashes, and whether its last words are those of the run before.
struct Crashed {
  std::string container;  // empty when none does
  bool previous = true;
};

Crashed crashing_container(const json& pod) {
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const auto& status : field(pod, {"status", list})) {
      if (text(status, {"state", "waiting", "reason"}) == "CrashLoopBackOff") {
        return {text(status, {"name"}), true};
      }
      if (kube::whole(status, {"state", "terminated", "exitCode"}) != 0) {
        return {text(status, {"name"}), false};
      }
    }
  }
  return {};
}

std::vector<std::string> last_log(kube::Client& client, const json& pod) {
  const Crashed crashed = crashing_container(pod);
  if (crashed.container.empty()) {
    return {};
  }
  const std::string path = "/api/v1/namespaces/" +
                           net::percent_encode(text(pod, {"metadata", "namespace"})) + "/pods/" +
                           net::percent_encode(text(pod, {"metadata", "name"})) + "/log";
  const auto reply = client.exchange({.path = path,
                                      .query = {{"container", crashed.container},
                                                {"previous", crashed.previous ? "true" : "false"},
                                                {"tailLines", kLogLines}},
                                      .accept = "*/*"});
  if (!reply || !reply->ok()) {
    return {};  // the cause stands without it
  }
  std::vector<std::string> lines = split(trim(reply->body), '\n');
  for (auto& line : lines) {
    line = line.substr(0, 500);
  }
  return lines;
}

std::string name_of(const json& pod) {
  return text(pod, {"metadata", "namespace"}) + "/" + text(pod, {"metadata", "name"});
}

void add_trouble(kube::Client& client, const json& pod, std::string cause, MemberState& state) {
  if (state.troubles.size() < kMostTroubles) {
    state.troubles.push_back({name_of(pod), std::move(cause), last_log(client, pod)});
  }
}

bool has_probe(const json& container) {
  return !field(container, {"readinessProbe"}).is_null() ||
         !field(container, {"startupProbe"}).is_null();
}

// A container without a probe is called ready for a moment at each start, even if it crashes in the
// next. That is enough for a StatefulSet to go on.
bool is_ready_at_times(const json& pod) {
  const std::string crashed = crashing_container(pod).container;
  const json& containers = field(pod, {"spec", "containers"});
  return std::any_of(containers.begin(), containers.end(), [&crashed](const json& container) {
    return text(container, {"name"}) == crashed && !has_probe(container);
  });
}

// An old pod that keeps a StatefulSet from its new revision.
void tell_in_the_way(const json& pod, const Readiness& cause, MemberState& state) {
  if (cause.state == State::kFailed && !is_ready_at_times(pod)) {
    if (state.troubles.size() < kMostTroubles) {
      state.troubles.push_back(
          {name_of(pod),
           cause.reason + "; it is of an old revision, and its StatefulSet makes its pods in "
                          "order, so it goes on only when this one is ready: delete the pod, and "
                          "it comes back as the new revision",
           {}});  // its last words may hold secrets that nobody knows any more
    }
    return;
  }
  const std::string why = cause.reason.empty() ? "" : " (" + cause.reason + ")";
  state.readiness.reason += "; waits for pod " + name_of(pod) +
                            " of the old revision, which is not ready" + why +
                            ": the StatefulSet makes its pods in order; if it does not get ready, "
                            "delete it, and it comes back as the new revision";
}

// Of the pods that the spec as it is now has made (before the controller has seen it there are
// none), and of those that keep it from making them.
Status find_troubles(kube::Client& client, NewestPods& newest, const Member& member,
                     const WaitRules& rules, MemberState& state) {
  if (!has_pods(member.ref.resource.kind) || !is_observed(*member.object)) {
    return {};
  }
  const std::int64_t now = client.connection()->clock().now();
  MARVEL_TRY(const auto pods, newest.of(member));
  for (const json* pod : pods) {
    const Readiness cause = cause_of_pod(*pod, now, rules.unschedulable_seconds);
    if (cause.state == State::kFailed) {
      add_trouble(client, *pod, cause.reason, state);
    }
  }
  MARVEL_TRY(const auto old, newest.in_the_way(member));
  for (const json* pod : old) {
    tell_in_the_way(*pod, cause_of_pod(*pod, now, rules.unschedulable_seconds), state);
  }
  return {};
}

// Of Jobs nobody asks whether they answer.
bool has_unprobed_pods(const json& workload) {
  const std::string kind = text(workload, {"kind"});
  if (!has_pods(kind) || kind == "Job" || kind == "CronJob") {
    return false;
  }
  const json& pod = kind == "Pod" ? workload : field(workload, {"spec", "template"});
  const json& containers = field(pod, {"spec", "containers"});
  return !std::all_of(containers.begin(), containers.end(), has_probe);
}

// What was wanted and is not there.
void add_missing(ServiceState& state) {
  const std::size_t there = state.members.size();
  for (const auto& one : state.inventory.wanted.value_or(std::vector<ObjectName>())) {
    ObjectRef ref{resource_named(one.api_version, one.kind), one.space, one.name};
    const auto end = state.members.begin() + static_cast<std::ptrdiff_t>(there);
    const bool missing =
        std::none_of(state.members.begin(), end,
                     [&ref](const MemberState& member) { return member.ref.same_object(ref); });
    if (missing) {
      state.members.push_back({std::move(ref), {State::kMissing, "not there"}, {}, nullptr});
    }
  }
}

bool passing(const Error& error) {
  return error.code == Errc::kUnavailable || error.code == Errc::kTimeout;
}

}  // namespace

bool ServiceState::ready() const {
  return !inventory.unfinished && ready_count() == members.size();
}

bool ServiceState::failed() const {
  return std::any_of(members.begin(), members.end(), [](const MemberState& member) {
    return member.readiness.state == State::kFailed || member.readiness.state == State::kMissing ||
           (member.readiness.state != State::kReady && !member.troubles.empty());
  });
}

std::size_t ServiceState::ready_count() const {
  return static_cast<std::size_t>(std::count_if(
      members.begin(), members.end(),
      [](const MemberState& member) { return member.readiness.state == State::kReady; }));
}

Result<ServiceState> read_state(kube::Client& client, kube::Discovery& discovery,
                                const Inventory& inventory, const WaitRules& rules) {
  ServiceState state;
  state.inventory = inventory;
  MARVEL_TRY_STATUS(note_from_revision(client, state.inventory));
  MARVEL_TRY(const auto members, list_members(client, discovery, inventory));
  NewestPods newest(client);
  for (const auto& member : members) {
    MemberState one{member.ref, readiness_of(*member.object, rules.readiness), {}, member.object};
    if (one.readiness.state == State::kProgressing && has_blockers(member.ref.resource.kind)) {
      one.readiness = blocked(client, member, one.readiness);
    }
    if (one.readiness.state != State::kReady) {
      MARVEL_TRY_STATUS(find_troubles(client, newest, member, rules, one));
    }
    state.unprobed = state.unprobed || has_unprobed_pods(*member.object);
    state.members.push_back(std::move(one));
  }
  add_missing(state);
  return state;
}

namespace {

// Another run may change the service while somebody waits for it.
Result<ServiceState> look_anew(kube::Client& client, kube::Discovery& discovery,
                               const Inventory& inventory, const WaitRules& rules) {
  MARVEL_TRY(const auto now, read_inventory(client, inventory.name, inventory.space));
  if (!now) {
    return fail({Errc::kNotFound,
                 "service " + inventory.name + " has been deleted meanwhile",
                 "",
                 {},
                 "not_found"});
  }
  return read_state(client, discovery, *now, rules);
}

}  // namespace

Result<ServiceState> wait_for(const std::shared_ptr<kube::Connection>& connection,
                              const Inventory& inventory, const WaitRules& rules,
                              std::chrono::milliseconds limit, Context& context) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  kube::Client client(connection);
  kube::Discovery discovery(client);
  std::chrono::milliseconds pause{100};
  std::optional<std::chrono::steady_clock::time_point> ready_since;
  bool failed_before = false;
  context.progress.begin("waiting for " + inventory.name, 0);
  while (true) {
    auto state = look_anew(client, discovery, inventory, rules);
    const bool over = std::chrono::steady_clock::now() >= deadline;
    if (!state && (over || !passing(state.error()))) {
      context.progress.end();
      return state;
    }
    if (state) {
      context.progress.update(state->ready_count(), std::to_string(state->ready_count()) + " of " +
                                                        std::to_string(state->members.size()) +
                                                        " ready");
      const bool failed = state->inventory.unfinished
                              ? !is_leased(client, inventory.name, inventory.space)
                              : state->failed();
      const auto now = std::chrono::steady_clock::now();
      ready_since = state->ready() ? ready_since.value_or(now) : decltype(ready_since)();
      const bool settled = ready_since && (!state->unprobed || now - *ready_since >= rules.settle);
      if (settled || (failed && failed_before) || over) {
        context.progress.end();
        return state;
      }
      failed_before = failed;
    }
    if (!kube::pause(pause, context.stop)) {
      context.progress.end();
      return fail({Errc::kFailed,
                   "stopped while waiting",
                   "the objects are applied and go on by themselves",
                   {},
                   "interrupted"});
    }
    pause = std::min(pause * 3 / 2, std::chrono::milliseconds(1000));
  }
}

}  // namespace marvel::rollout
