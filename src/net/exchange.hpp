#pragma once

#include "net/curl_library.hpp"
#include "net/http.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace marvel::net {

struct EasyDeleter {
  const CurlLibrary* curl;
  void operator()(CURL* handle) const { curl->easy_cleanup(handle); }
};
struct ListDeleter {
  const CurlLibrary* curl;
  void operator()(curl_slist* list) const { curl->slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

// One request with its answer while both are under way.
class Exchange {
 public:
  Exchange(const CurlLibrary& curl, const HttpOptions& options, const Request& request,
           const BodySink* sink)
      : curl_(curl),
        options_(options),
        request_(request),
        timeouts_(request.timeouts.value_or(options.timeouts)),
        sink_(sink),
        easy_(curl.easy_init(), {&curl}),
        headers_(nullptr, {&curl}),
        connect_to_(nullptr, {&curl}) {}

  // Once, before run.
  Status prepare();
  Result<Response> run(CURLM* multi, const StopFlag& stop);
  // After run failed: a kept connection was closed while the request was being sent, no answer had
  // begun, and another exchange may send it again. libcurl does so itself only where it learns of
  // the end before it sends or when it reads.
  [[nodiscard]] bool met_closed_connection() const { return met_closed_connection_; }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_.easy_setopt(easy_.get(), option, value) != CURLE_OK) {
      refused_ = true;
    }
  }
  void set_text(CURLoption option, const std::string& text) { set(option, text.c_str()); }
  void set_blob(CURLoption option, const std::string& bytes);
  void set_basics();
  void set_timeouts();
  Status set_tls();
  void set_address();
  [[nodiscard]] bool is_only_once() const;
  [[nodiscard]] bool is_streamed() const;
  void set_body();
  void set_headers();
  void set_callbacks();

  bool take_body(std::string_view piece);
  bool take_header(std::string_view line);
  std::size_t give_body(char* buffer, std::size_t room);
  bool rewind_body();
  [[nodiscard]] bool may_send_again() const;

  Result<bool> turn(CURLM* multi, const StopFlag& stop);  // true when it is over
  [[nodiscard]] Error failure(CURLcode code) const;

  const CurlLibrary& curl_;
  const HttpOptions& options_;
  const Request& request_;
  Timeouts timeouts_;
  const BodySink* sink_;
  Easy easy_;
  List headers_;
  List connect_to_;
  Url url_;
  bool refused_ = false;  // libcurl did not take an option
  bool met_closed_connection_ = false;
  std::array<char, CURL_ERROR_SIZE> words_{};
  std::size_t body_at_ = 0;  // how much of request_.body is sent, where it is streamed
  Response response_;
  std::size_t header_bytes_ = 0;
  std::optional<Error> error_;  // why a callback ended the exchange
  std::chrono::steady_clock::time_point last_byte_ = std::chrono::steady_clock::now();
};

}  // namespace marvel::net
