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
    Exchange exchange(*curl, options_, request, sink);
    MARVEL_TRY_STATUS(exchange.prepare());
    return exchange.run(multi_.get(), stop_);
  }

 private:
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
