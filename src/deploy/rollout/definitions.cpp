#include "deploy/rollout/definitions.hpp"

#include "deploy/rollout/readiness.hpp"

#include <chrono>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kPause{100};

// Whether there is time for another look, after a pause.
bool look_again(const kube::Client& client, Clock::time_point limit) {
  return Clock::now() < limit && kube::pause(kPause, client.stop());
}

Status wait_for_definition(kube::Client& client, const ObjectRef& ref, Clock::time_point limit,
                           const MayGoOn& may_go_on) {
  while (true) {
    MARVEL_TRY(const nlohmann::json object, client.get(ref.path(), {}, "reading " + ref.text()));
    const Readiness now = readiness_of(object);
    if (now.state == State::kReady) {
      return {};
    }
    if (now.state == State::kFailed || !look_again(client, limit)) {
      return fail(
          {Errc::kTimeout, ref.text() + " is not served: " + now.reason, "", {}, "timeout"});
    }
    MARVEL_TRY_STATUS(may_go_on());
  }
}

}  // namespace

Status wait_for_definitions(kube::Client& client, const std::vector<ObjectRef>& refs,
                            const MayGoOn& may_go_on) {
  const auto limit = Clock::now() + kPatience;
  for (const auto& ref : refs) {
    MARVEL_TRY_STATUS(wait_for_definition(client, ref, limit, may_go_on));
  }
  return {};
}

Result<kube::Resource> wait_for_kind(kube::Client& client, kube::Discovery& discovery,
                                     const std::string& api_version, const std::string& kind,
                                     const MayGoOn& may_go_on) {
  const auto limit = Clock::now() + kPatience;
  while (true) {
    auto resource = discovery.find(api_version, kind);  // asks the server anew for what is unknown
    const bool unknown = !resource && resource.error().reason == "not_found";
    if (!unknown || !look_again(client, limit)) {
      return resource;
    }
    MARVEL_TRY_STATUS(may_go_on());
  }
}

}  // namespace marvel::rollout
