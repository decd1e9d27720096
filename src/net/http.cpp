#include "net/http.hpp"

#include "net/exchange.hpp"

#include <utility>

namespace marvel::net {
namespace {

struct MultiDeleter {
  const CurlLibrary* curl;
  void operator()(CURLM* handle) const { curl->multi_cleanup(handle); }
};
using Multi = std::unique_ptr<CURLM, MultiDeleter>;  // keeps the connections

}  // namespace

class HttpClient::Impl {
 public:
  Impl(HttpOptions options, const StopFlag& stop) : options_(std::move(options)), stop_(stop) {}

  Result<Response> send(const Request& request, const BodySink* sink) {
    MARVEL_TRY(const auto* curl, curl_library());
    if (multi_ == nullptr) {
      multi_ = Multi(curl->multi_init(), {curl});
    }
    // At most two: one that fails leaves no connection that could be as stale as its own was.
    auto [answer, again] = once(*curl, request, sink);
    if (again && (!request.stream || (request.stream->rewind && request.stream->rewind()))) {
      answer = once(*curl, request, sink).first;
    }
    return std::move(answer);
  }

 private:
  // And whether a failure may be tried again.
  std::pair<Result<Response>, bool> once(const CurlLibrary& curl, const Request& request,
                                         const BodySink* sink) {
    Exchange exchange(curl, options_, request, sink);
    if (auto ready = exchange.prepare(); !ready) {
      return {fail(std::move(ready).error()), false};
    }
    auto answer = exchange.run(multi_.get(), stop_);
    return {std::move(answer), exchange.met_closed_connection()};
  }

  HttpOptions options_;
  const StopFlag& stop_;
  Multi multi_{nullptr, {nullptr}};
};

HttpClient::HttpClient(HttpOptions options, const StopFlag& stop)
    : impl_(std::make_unique<Impl>(std::move(options), stop)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<Response> HttpClient::send(const Request& request) {
  return impl_->send(request, nullptr);
}

Result<Response> HttpClient::send(const Request& request, const BodySink& sink) {
  return impl_->send(request, &sink);
}

std::string describe(const Request& request) {
  const auto url = parse_url(request.url);
  return request.method + " " + (url ? url->text_for_messages() : "of an unusable URL");
}

}  // namespace marvel::net
