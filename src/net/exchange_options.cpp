// The request as options of an easy handle.
#include "base/version.hpp"
#include "net/exchange.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace marvel::net {
namespace {

void append(List& list, const std::string& line) {
  curl_slist* longer = list.get_deleter().curl->slist_append(list.get(), line.c_str());
  list.release();  // NOLINT(bugprone-unused-return-value): it is a part of `longer`
  list.reset(longer);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
    return letter > 0x20 && letter < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(letter) == std::string_view::npos;
  });
}

// A link can die without a word. A connection that is idle for 10 s is probed each 5 s, and given
// up after the fourth probe without an answer: half a minute in all. TCP_USER_TIMEOUT would do that
// too, but also end an upload to a server that is busy and takes nothing for so long, which is for
// Timeouts::idle to say.
constexpr long kIdleSeconds = 10;
constexpr long kProbeSeconds = 5;
constexpr int kMostProbes = 4;

int limit_probes(void* /*self*/, curl_socket_t fd, curlsocktype /*purpose*/) {
  // Where this fails the system's own number holds, which is only later.
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &kMostProbes, sizeof kMostProbes);
  return CURL_SOCKOPT_OK;
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

}  // namespace

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
  set(CURLOPT_TCP_KEEPIDLE, kIdleSeconds);
  set(CURLOPT_TCP_KEEPINTVL, kProbeSeconds);
  set(CURLOPT_SOCKOPTFUNCTION, &limit_probes);
  // A connection carries one request at a time, so HTTP/2 has nothing to give, and costs both sides
  // more (docs/design/006).
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
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

// Doing these twice is not the same as once (RFC 9110, 9.2.2).
bool Exchange::is_only_once() const {
  return request_.method == "POST" || request_.method == "PATCH";
}

// libcurl sends a request again when a kept connection dies before the answer. So the body of one
// that must not be repeated is a stream that does not go back.
bool Exchange::is_streamed() const {
  return request_.stream || (is_only_once() && !request_.body.empty());
}

void Exchange::set_body() {
  const bool is_upload = request_.method == "POST" || request_.method == "PUT" ||
                         request_.method == "PATCH" || !request_.body.empty();
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (is_streamed()) {
    const auto size = request_.stream ? request_.stream->size : request_.body.size();
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
  if (is_streamed()) {
    set(CURLOPT_READFUNCTION, on_read);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, on_seek);
    set(CURLOPT_SEEKDATA, this);
  }
}

}  // namespace marvel::net
