#include "deploy/rollout/deletion.hpp"

#include "base/text.hpp"
#include "deploy/kube/fields.hpp"

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr std::chrono::milliseconds kPause{200};

Error too_long(const ObjectRef& ref, const json& object) {
  std::vector<std::string> finalizers;
  for (const json& one : kube::field(object, {"metadata", "finalizers"})) {
    finalizers.push_back(kube::text_of(one));
  }
  return {Errc::kTimeout,
          ref.text() + " is being deleted and is still there" +
              (finalizers.empty() ? "" : ": it waits for " + join(finalizers, ", ")),
          "see what holds it up, and run it again when it is gone",
          {},
          "timeout"};
}

}  // namespace

bool is_going(const json& object) {
  return !text(object, {"metadata", "deletionTimestamp"}).empty();
}

Result<std::shared_ptr<const json>> wait_until_gone(kube::Client& client, const ObjectRef& ref,
                                                    const json& going,
                                                    std::chrono::milliseconds patience,
                                                    const MayGoOn& may_go_on) {
  const auto limit = std::chrono::steady_clock::now() + patience;
  const std::string uid = text(going, {"metadata", "uid"});
  while (true) {
    MARVEL_TRY_STATUS(may_go_on());
    auto now = client.get(ref.path(), {}, "reading " + ref.text());
    if (!now) {
      return now.error().reason == "not_found" ? Result<std::shared_ptr<const json>>(nullptr)
                                               : fail(std::move(now).error());
    }
    if (text(*now, {"metadata", "uid"}) != uid) {
      return std::make_shared<const json>(std::move(*now));
    }
    if (std::chrono::steady_clock::now() >= limit) {
      return fail(too_long(ref, *now));
    }
    if (!kube::pause(kPause, client.stop())) {
      return fail({Errc::kFailed,
                   "stopped while waiting for " + ref.text() + " to be gone",
                   "",
                   {},
                   "interrupted"});
    }
  }
}

}  // namespace marvel::rollout
