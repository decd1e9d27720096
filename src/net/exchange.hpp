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

// libcurl's handles, each with an owner. The deleters call through the library that was loaded,
// which outlives them all.
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

// One request with its answer while both are under way. HttpClient makes one for each try and
// throws it away after; the multi handle, which keeps the connections, stays with the client.
// prepare() makes options of the request (exchange_options.cpp), run() drives it (exchange.cpp):
// between the turns of the multi handle, each of 100 ms at most, it looks at the stop flag and the
// idle time. libcurl calls take_body, take_header and give_body during a turn, on the same thread;
// what they refuse is kept in error_, because libcurl has only a number for it.
//
// References only: library, options, request and sink must outlive it. It must not be moved once
// prepared, since libcurl has its address then.
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

  // Once, before run. kInput for a request that cannot be sent; nothing has left this machine then.
  // kUnsupported where libcurl lacks an option.
  Status prepare();
  // Once. Ends with the answer or with one of the errors of http.hpp, and takes the handle off
  // `multi` again in each case.
  Result<Response> run(CURLM* multi, const StopFlag& stop);
  // After run failed: a kept connection was closed while the request was being sent, no answer had
  // begun, and another exchange may send it again. libcurl does so itself only where it learns of
  // the end before it sends or when it reads.
  [[nodiscard]] bool met_closed_connection() const { return met_closed_connection_; }

 private:
  // An option that is refused is only noted: prepare() looks once, after all of them.
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

  // What libcurl hands over and asks for. False, or CURL_READFUNC_ABORT, ends the exchange.
  bool take_body(std::string_view piece);
  bool take_header(std::string_view line);
  std::size_t give_body(char* buffer, std::size_t room);
  // Only back to the first byte, and only where the stream says how.
  bool rewind_body();
  // Nothing of the answer had come, the connection was a kept one, and doing it twice does no harm.
  [[nodiscard]] bool may_send_again() const;

  Result<bool> turn(CURLM* multi, const StopFlag& stop);  // true when it is over
  [[nodiscard]] Error failure(CURLcode code) const;

  const CurlLibrary& curl_;
  const HttpOptions& options_;
  const Request& request_;
  // The request's own where it has some, else the client's.
  Timeouts timeouts_;
  const BodySink* sink_;
  Easy easy_;
  List headers_;
  List connect_to_;
  // Set by prepare(); what messages name.
  Url url_;
  bool refused_ = false;  // libcurl did not take an option
  bool met_closed_connection_ = false;
  // libcurl writes here what went wrong, in more words than its code has.
  std::array<char, CURL_ERROR_SIZE> words_{};
  std::size_t body_at_ = 0;  // how much of request_.body is sent, where it is streamed
  Response response_;
  // Of all header lines that came, those before the last status line, too.
  std::size_t header_bytes_ = 0;
  std::optional<Error> error_;  // why a callback ended the exchange
  // When a byte moved in either direction.
  std::chrono::steady_clock::time_point last_byte_ = std::chrono::steady_clock::now();
};

}  // namespace marvel::net
