// One exchange: the request becomes options of an easy handle, the multi handle drives it and keeps
// the connections, and between its turns the stop flag and the idle time are looked at.
#include "net/http.hpp"

#include "base/version.hpp"
#include "net/curl_library.hpp"
#include "net/http_error.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace marvel::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTurnMs = 100;  // how often the stop flag is looked at
constexpr std::size_t kMostHeaderBytes = std::size_t{256} << 10;

struct EasyDeleter {
  const CurlLibrary* curl;
  void operator()(CURL* handle) const { curl->easy_cleanup(handle); }
};
struct ListDeleter {
  const CurlLibrary* curl;
  void operator()(curl_slist* list) const { curl->slist_free_all(list); }
};
struct MultiDeleter {
  const CurlLibrary* curl;
  void operator()(CURLM* handle) const { curl->multi_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;

void append(List& list, const std::string& line) {
  curl_slist* longer = list.get_deleter().curl->slist_append(list.get(), line.c_str());
  list.release();  // NOLINT(bugprone-unused-return-value): it is a part of `longer`
  list.reset(longer);
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  const auto end = text.find_last_not_of(" \t\r\n");
  return begin == text.npos ? "" : std::string(text.substr(begin, end - begin + 1));
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
    return letter > 0x20 && letter < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(letter) == std::string_view::npos;
  });
}

// Line ends in a value would be further headers.
Status check(const Request& request) {
  if (!is_token(request.method)) {
    return fail(Errc::kInput, "'" + request.method + "' is no HTTP method");
  }
  for (const auto& [name, value] : request.headers) {
    const bool clean = std::none_of(value.begin(), value.end(), [](char letter) {
      return letter == '\r' || letter == '\n' || letter == '\0';
    });
    if (!is_token(name) || !clean) {
      return fail(Errc::kInput, describe(request) + ": the header '" +
                                    (is_token(name) ? name : "") +
                                    "' holds a character that no header may");
    }
  }
  return {};
}

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
  void set_body();
  void set_headers();
  void set_callbacks();

  bool take_body(std::string_view piece);
  bool take_header(std::string_view line);
  std::size_t give_body(char* buffer, std::size_t room);
  bool rewind_body();

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
  std::array<char, CURL_ERROR_SIZE> words_{};
  Response response_;
  std::size_t header_bytes_ = 0;
  std::optional<Error> error_;  // why a callback ended the exchange
  Clock::time_point last_byte_ = Clock::now();
};

void Exchange::set_blob(CURLoption option, const std::string& bytes) {
  // libcurl does not change what it copies, but its struct has no const.
  curl_blob blob{const_cast<char*>(bytes.data()), bytes.size(),  // NOLINT
                 CURL_BLOB_COPY};
  set(option, &blob);
}

Status Exchange::prepare() {
  MARVEL_TRY_STATUS(check(request_));
  MARVEL_TRY(url_, parse_url(request_.url));
  set_basics();
  set_timeouts();
  MARVEL_TRY_STATUS(set_tls());
  set_address();
  set_headers();
  set_body();
  set_callbacks();
  if (easy_ == nullptr || refused_) {
    return fail(Errc::kUnsupported,
                "libcurl lacks something that is needed for " + describe(request_));
  }
  return {};
}

void Exchange::set_basics() {
  set_text(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_ERRORBUFFER, words_.data());
  set_text(CURLOPT_USERAGENT, "marvel/" + std::string(version_number()));
}

void Exchange::set_timeouts() {
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeouts_.connect.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeouts_.total.count()));
}

Status Exchange::set_tls() {
  const TlsOptions& tls = options_.tls;
  const bool has_certificate = !tls.certificate_file.empty() || !tls.certificate_pem.empty();
  const bool has_key = !tls.key_file.empty() || !tls.key_pem.empty();
  if (has_certificate != has_key) {
    return fail(Errc::kInput, has_key ? "there is a client key without a certificate"
                                      : "there is a client certificate without its key");
  }
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (!tls.ca_pem.empty() || !tls.ca_file.empty()) {
    set(CURLOPT_CAPATH, nullptr);  // else the system's authorities would count as well
    tls.ca_pem.empty() ? set_text(CURLOPT_CAINFO, tls.ca_file)
                       : set_blob(CURLOPT_CAINFO_BLOB, tls.ca_pem);
  }
  if (has_certificate) {
    tls.certificate_pem.empty() ? set_text(CURLOPT_SSLCERT, tls.certificate_file)
                                : set_blob(CURLOPT_SSLCERT_BLOB, tls.certificate_pem);
    tls.key_pem.empty() ? set_text(CURLOPT_SSLKEY, tls.key_file)
                        : set_blob(CURLOPT_SSLKEY_BLOB, tls.key_pem);
  }
  return {};
}

// With a server name of its own the URL carries that name, for SNI and the check of the
// certificate, while the connection goes to the host that was asked for.
void Exchange::set_address() {
  Url url = url_;
  const std::string& name = options_.tls.server_name;
  if (!name.empty() && url.scheme == "https") {
    url.host = name;
    append(connect_to_, url.endpoint() + ":" + url_.endpoint());
    set(CURLOPT_CONNECT_TO, connect_to_.get());
  }
  set_text(CURLOPT_URL, url.text());
  // Set even when empty, so that libcurl does not read the environment itself.
  set_text(CURLOPT_PROXY, options_.proxies.choose(url_));
  set_text(CURLOPT_NOPROXY, "");
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // none of ours for a CONNECT
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void Exchange::set_headers() {
  append(headers_, "Expect:");  // else bodies wait a second for servers that do not know it
  if (!request_.headers.get("Content-Type")) {
    append(headers_, "Content-Type:");  // libcurl would call every body a form
  }
  if (!request_.headers.get("Host") && !options_.tls.server_name.empty()) {
    append(headers_, "Host: " + url_.authority());
  }
  for (const auto& [name, value] : request_.headers) {
    append(headers_, value.empty() ? name + ";" : name + ": " + value);
  }
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void Exchange::set_body() {
  const bool is_upload = request_.method == "POST" || request_.method == "PUT" ||
                         request_.method == "PATCH" || !request_.body.empty();
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request_.stream) {
    const auto size = request_.stream->size;
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, size ? static_cast<curl_off_t>(*size) : curl_off_t{-1});
    set(CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
  } else if (is_upload) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set_text(CURLOPT_POSTFIELDS, request_.body);
  }
  set_text(CURLOPT_CUSTOMREQUEST, request_.method);
}

void Exchange::set_callbacks() {
  using Write = std::size_t (*)(char*, std::size_t, std::size_t, void*);
  const Write on_body = [](char* data, std::size_t one, std::size_t count, void* self) {
    return static_cast<Exchange*>(self)->take_body({data, one * count}) ? one * count : 0;
  };
  const Write on_header = [](char* data, std::size_t one, std::size_t count, void* self) {
    return static_cast<Exchange*>(self)->take_header({data, one * count}) ? one * count : 0;
  };
  const Write on_read = [](char* buffer, std::size_t one, std::size_t count, void* self) {
    return static_cast<Exchange*>(self)->give_body(buffer, one * count);
  };
  using Seek = int (*)(void*, curl_off_t, int);
  const Seek on_seek = [](void* self, curl_off_t offset, int from) {
    const bool to_begin = offset == 0 && from == SEEK_SET;
    return to_begin && static_cast<Exchange*>(self)->rewind_body() ? CURL_SEEKFUNC_OK
                                                                   : CURL_SEEKFUNC_FAIL;
  };
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, this);
  if (request_.stream) {
    set(CURLOPT_READFUNCTION, on_read);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, on_seek);
    set(CURLOPT_SEEKDATA, this);
  }
}

bool Exchange::take_body(std::string_view piece) {
  last_byte_ = Clock::now();
  if (sink_ != nullptr && response_.status / 100 == 2) {
    const Status taken = (*sink_)(piece);
    last_byte_ = Clock::now();  // the sink's own time is not the server's
    if (!taken) {
      error_ = taken.error();
    }
    return taken.has_value();
  }
  if (response_.body.size() + piece.size() > options_.max_body) {
    error_ = Error{Errc::kUnavailable,
                   "the answer to " + describe(request_) + " is larger than " +
                       std::to_string(options_.max_body) + " bytes",
                   "",
                   {}};
    return false;
  }
  response_.body.append(piece);
  return true;
}

// A status line begins the fields anew: what came before belongs to a "100 Continue".
bool Exchange::take_header(std::string_view line) {
  last_byte_ = Clock::now();
  header_bytes_ += line.size();
  if (header_bytes_ > kMostHeaderBytes) {
    error_ = Error{Errc::kUnavailable,
                   "the header of the answer to " + describe(request_) + " is larger than 256 KiB",
                   "",
                   {}};
    return false;
  }
  if (line.starts_with("HTTP/")) {
    long status = 0;
    curl_.easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.headers.clear();
  } else if (const auto colon = line.find(':'); colon != line.npos && colon > 0) {
    response_.headers.add(std::string(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return true;
}

std::size_t Exchange::give_body(char* buffer, std::size_t room) {
  last_byte_ = Clock::now();
  if (!request_.stream) {
    return CURL_READFUNC_ABORT;
  }
  const auto given = request_.stream->read(buffer, room);
  if (!given) {
    error_ = given.error();
    return CURL_READFUNC_ABORT;
  }
  last_byte_ = Clock::now();
  return *given;
}

bool Exchange::rewind_body() {
  return request_.stream && request_.stream->rewind && request_.stream->rewind().has_value();
}

Error Exchange::failure(CURLcode code) const {
  CurlFailure failure;
  failure.code = code;
  failure.words = words_[0] != '\0' ? trimmed(words_.data()) : curl_.easy_strerror(code);
  long os_error = 0;
  curl_off_t sent_after = 0;
  curl_.easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
  curl_.easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &sent_after);
  failure.os_error = static_cast<int>(os_error);
  failure.connecting = sent_after == 0;
  failure.connect_limit = timeouts_.connect;
  failure.total_limit = timeouts_.total;
  return explain(failure, describe(request_), url_);
}

Result<bool> Exchange::turn(CURLM* multi, const StopFlag& stop) {
  int running = 0;
  curl_.multi_perform(multi, &running);
  if (error_) {
    return fail(*error_);
  }
  int left = 0;
  while (const CURLMsg* message = curl_.multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) {
      const CURLcode code = message->data.result;
      return code == CURLE_OK ? Result<bool>(true) : fail(failure(code));
    }
  }
  if (stop.raised()) {
    return fail(Errc::kFailed, "stopped");
  }
  if (timeouts_.idle.count() > 0 && Clock::now() - last_byte_ > timeouts_.idle) {
    curl_off_t sent_after = 0;
    curl_.easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &sent_after);
    if (sent_after > 0) {  // before that, the limit for connecting holds
      return fail(Errc::kTimeout,
                  describe(request_) + ": no byte moved for " + limit_text(timeouts_.idle));
    }
  }
  curl_.multi_poll(multi, nullptr, 0, kTurnMs, nullptr);
  return false;
}

Result<Response> Exchange::run(CURLM* multi, const StopFlag& stop) {
  if (curl_.multi_add_handle(multi, easy_.get()) != CURLM_OK) {
    return fail(Errc::kUnavailable, "libcurl does not start " + describe(request_));
  }
  auto over = turn(multi, stop);
  while (over && !*over) {
    over = turn(multi, stop);
  }
  curl_.multi_remove_handle(multi, easy_.get());
  if (!over) {
    return fail(std::move(over).error());
  }
  return std::move(response_);
}

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
