// The server writes `metadata` before `items`. So the token of the next page is known before a
// page is parsed, and a second thread fetches the next page meanwhile: half of the time of a long
// list is the server's, half is ours.
#include "deploy/kube/paging.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"

#include <future>
#include <optional>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using nlohmann::json;

constexpr const char* kPageSize = "1000";

Result<Reply> fetch(Client& client, const Call& call, const std::string& what) {
  MARVEL_TRY(Reply reply, client.exchange(call));
  if (!reply.ok()) {
    return fail(to_error(read_status(reply.status, reply.body), what));
  }
  return reply;
}

class Pages {
 public:
  Pages(Client& client, const std::string& path, const Query& query, const std::string& what)
      : client_(client), path_(path), query_(query), what_(what) {}

  Result<ListEnd> read(const OnItem& take) {
    ListEnd end;
    auto reply = fetch(client_, call(""), what_);
    while (true) {
      if (!reply) {
        return fail(std::move(reply).error());
      }
      const std::string token = continue_token(reply->body);
      std::optional<std::future<Result<Reply>>> next;
      if (!token.empty()) {
        next = std::async(std::launch::async,
                          [this, request = call(token)] { return fetch(client_, request, what_); });
      }
      const auto rest = read_page(*reply, take, end);  // on failure `next` is waited for
      if (!rest) {
        return fail(rest.error());
      }
      if (next) {
        reply = next->get();
      } else if (!rest->empty()) {
        reply = fetch(client_, call(*rest), what_);
      } else {
        return end;
      }
    }
  }

 private:
  [[nodiscard]] Call call(const std::string& token) const {
    Call call{.path = path_, .query = query_};
    call.query.emplace_back("limit", kPageSize);
    if (!token.empty()) {
      call.query.emplace_back("continue", token);
    }
    return call;
  }

  // The token of the next page, or empty.
  Result<std::string> read_page(const Reply& reply, const OnItem& take, ListEnd& end) const {
    auto page = parse_json(reply.body, "the server's answer");
    if (!page) {
      page.error().code = Errc::kUnavailable;
      page.error().context.push_back(what_);
      return fail(std::move(page).error());
    }
    end.resource_version = text(*page, {"metadata", "resourceVersion"});
    for (const auto& item : field(*page, {"items"})) {
      MARVEL_TRY_STATUS(take(item));
      ++end.items;
    }
    return text(*page, {"metadata", "continue"});
  }

  Client& client_;
  const std::string& path_;
  const Query& query_;
  const std::string& what_;
};

}  // namespace

std::string continue_token(std::string_view list_text) {
  constexpr std::size_t kPrefix = 4096;
  const auto items = list_text.substr(0, kPrefix).find("\"items\":");
  if (items == std::string_view::npos) {
    return {};
  }
  const auto head =
      json::parse(std::string(list_text.substr(0, items)) + "\"items\":[]}", nullptr, false);
  return head.is_discarded() ? "" : text(head, {"metadata", "continue"});
}

Result<ListEnd> list_all(Client& client, const std::string& path, const Query& query,
                         const OnItem& take, const std::function<void()>& restart,
                         const std::string& what) {
  auto end = Pages(client, path, query, what).read(take);
  if (!end && end.error().reason == "expired") {
    restart();
    end = Pages(client, path, query, what).read(take);
  }
  return end;
}

}  // namespace marvel::kube
