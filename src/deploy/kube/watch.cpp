#include "deploy/kube/watch.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/paging.hpp"
#include "net/lines.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxLine = std::size_t{16} << 20;
constexpr std::chrono::seconds kPatience{30};
constexpr std::int64_t kLongestWatch = 60;  // seconds

class Watcher {
 public:
  Watcher(Client& client, const std::string& path, const Query& query, Clock::time_point deadline,
          const OnChange& take, const std::string& what)
      : client_(client),
        path_(path),
        query_(query),
        deadline_(deadline),
        take_(take),
        what_(what) {}

  Status run() {
    while (!done_) {
      if (Clock::now() >= deadline_) {
        return fail({Errc::kTimeout, what_ + ": time is over", "", {}, "timeout"});
      }
      const Status step = version_.empty() ? list() : watch();
      if (done_) {
        break;
      }
      if (!step) {
        MARVEL_TRY_STATUS(recover(step.error()));
      } else {
        failing_since_.reset();
      }
    }
    return {};
  }

 private:
  Status hand(Change change, const json& object) {
    MARVEL_TRY(const bool go_on, take_(change, object));
    if (!go_on) {
      done_ = true;
      return fail({Errc::kFailed, "enough", "", {}, "done"});  // ends the exchange
    }
    return {};
  }

  Status list() {
    if (listed_) {
      MARVEL_TRY_STATUS(hand(Change::kReset, json()));
    }
    listed_ = true;
    Status reset;
    const auto end = list_all(
        client_, path_, query_, [this](const json& item) { return hand(Change::kAdded, item); },
        [&] { reset = hand(Change::kReset, json()); }, what_);
    if (!end) {
      return fail(end.error());
    }
    MARVEL_TRY_STATUS(reset);
    MARVEL_TRY_STATUS(hand(Change::kSynced, json()));
    version_ = end->resource_version;
    return {};
  }

  Status watch() {
    Call call{.path = path_, .query = query_};
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(deadline_ - Clock::now());
    const auto seconds = std::clamp<std::int64_t>(left.count() + 1, 1, kLongestWatch);
    call.query.insert(call.query.end(), {{"watch", "1"},
                                         {"resourceVersion", version_},
                                         {"allowWatchBookmarks", "true"},
                                         {"timeoutSeconds", std::to_string(seconds)}});
    net::LineSplitter lines(kMaxLine);
    return client_.stream(
        call,
        [&](std::string_view piece) {
          return lines.push(piece, [this](std::string_view line) { return read_event(line); });
        },
        std::chrono::seconds(seconds + 5), what_);
  }

  Status read_event(std::string_view line) {
    if (line.empty()) {
      return {};
    }
    MARVEL_TRY(const json event, parse_json(line, "a watch event"));
    const std::string type = text(event, {"type"});
    const json& object = field(event, {"object"});
    if (type == "ERROR") {
      const auto code = static_cast<int>(whole(object, {"code"}));
      return fail(to_error(read_status(code, json_text(object)), what_));
    }
    MARVEL_TRY_STATUS(hand_on(type, object));
    if (const auto version = text(object, {"metadata", "resourceVersion"}); !version.empty()) {
      version_ = version;
    }
    failing_since_.reset();
    return {};
  }

  Status hand_on(const std::string& type, const json& object) {
    if (type == "ADDED") {
      return hand(Change::kAdded, object);
    }
    if (type == "MODIFIED") {
      return hand(Change::kModified, object);
    }
    return type == "DELETED" ? hand(Change::kDeleted, object) : Status();
  }

  // Nothing when the next step may try again.
  Status recover(const Error& error) {
    if (error.reason == "expired") {
      version_.clear();
      return {};
    }
    const bool passing = error.reason == "unreachable" || error.reason == "unavailable" ||
                         error.reason == "timeout" || error.code == Errc::kUnavailable;
    const auto now = Clock::now();
    if (!failing_since_) {
      failing_since_ = now;
      pause_ = std::chrono::milliseconds(100);
    }
    if (!passing || now - *failing_since_ > kPatience || !pause(pause_, client_.stop())) {
      return fail(error);
    }
    pause_ = std::min(pause_ * 2, std::chrono::milliseconds(3000));
    return {};
  }

  Client& client_;
  const std::string& path_;
  const Query& query_;
  Clock::time_point deadline_;
  const OnChange& take_;
  const std::string& what_;
  std::string version_;
  bool listed_ = false;
  bool done_ = false;
  std::optional<Clock::time_point> failing_since_;
  std::chrono::milliseconds pause_{100};
};

}  // namespace

Status list_and_watch(Client& client, const std::string& path, const Query& query,
                      Clock::time_point deadline, const OnChange& take, const std::string& what) {
  return Watcher(client, path, query, deadline, take, what).run();
}

}  // namespace marvel::kube
