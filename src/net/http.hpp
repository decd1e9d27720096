#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
#include "net/headers.hpp"
#include "net/proxy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// HTTP/1.1 requests, over TLS for https URLs.
//
//   net::HttpClient client(options, context.stop);
//   MARVEL_TRY(const auto answer, client.send({.url = "https://host/path"}));
//   if (answer.status == 200) use(answer.body);
//
// An answer of any status is an answer; errors are for exchanges that did not come to an end:
//   kInput        the URL, a header, or a certificate or key of ours cannot be used
//   kUnavailable  no such host, refused, cut off, larger than allowed; or the link has died while
//                 we waited, which shows half a minute after the last byte
//   kDenied       the server's certificate is not trusted, or the server refuses ours
//   kTimeout      one of Timeouts
//   kFailed       "stopped": the StopFlag was raised
//   kUnsupported  libcurl is not installed, or is older than 7.87
// Redirects are answers, too: nobody but the caller knows whether its credentials may follow.
// Nothing is sent again after a failure, but for a kept connection that turns out to be closed; and
// then not the body of a POST or PATCH, which must not be done twice.
namespace marvel::net {

// Some fields of these structs say {} so that GCC 12 lets designated initialisers leave them out.
// NOLINTBEGIN(readability-redundant-member-init)

// Whom to trust and who we are. PEM throughout; `_pem` fields hold the text itself and are used in
// place of the file beside them. TLS 1.2 is the oldest version that is spoken.
struct TlsOptions {
  // Certificates that are trusted in place of the system's; both empty: the system's.
  std::string ca_file{};
  std::string ca_pem{};
  // Our certificate with its chain, and its key. One without the other is kInput.
  std::string certificate_file{};
  std::string certificate_pem{};
  std::string key_file{};
  std::string key_pem{};
  // The name that is asked for (SNI) and that the certificate must have; empty: the URL's host. For
  // a server that is reached under an address or by a tunnel: the connection goes to the URL's host
  // all the same, and the header Host stays the URL's.
  std::string server_name{};
  bool verify = true;  // false trusts everybody: only when the user says so
};

// How long to wait for what. Whichever is over first ends the exchange with kTimeout.
struct Timeouts {
  // With 0 libcurl's own limit of five minutes holds.
  std::chrono::milliseconds connect{10'000};  // name, TCP, proxy and TLS together
  // It counts once the request can be sent, and the time that a sink or a stream takes for itself
  // does not count.
  std::chrono::milliseconds idle{60'000};  // no byte moves in either direction; 0: for ever
  std::chrono::milliseconds total{0};      // the whole exchange; 0: for ever
};

// What is the same for all requests of a client. The defaults trust the system's authorities, use
// no proxy and have no limit for an exchange as a whole.
struct HttpOptions {
  TlsOptions tls;
  Proxies proxies;  // none; see proxies_from
  Timeouts timeouts;
  // One that is longer ends the exchange with kUnavailable, as soon as it is: a server cannot fill
  // the memory. Headers may have 256 KiB in all.
  std::uint64_t max_body = std::uint64_t{64} << 20;  // bytes of an answer that is kept as a string
};

// A body that is made while it is sent. Its functions are called on the thread that called send(),
// while it waits. For large uploads, and to report progress.
struct BodyStream {
  // Fills at most `room` bytes and says how many; 0 is the end. A failure ends the exchange. What
  // it returns as a failure is what send() returns.
  std::function<Result<std::size_t>(char* buffer, std::size_t room)> read;
  std::optional<std::uint64_t> size;  // bytes in all; absent: sent in chunks
  // Back to the first byte, for a kept connection that turned out to be closed. May be empty.
  std::function<Status()> rewind;
};

// One request. Nothing is added to `headers` but Host, User-Agent ("marvel/0.1.0"), Accept: */*,
// and what tells the length of the body; a Content-Type only where the caller names one. The method
// is any token, as it is sent; HEAD has no body. Line ends in a name or a value are kInput, because
// they would begin further headers.
//   {.method = "PUT", .url = url, .headers = {{"Content-Type", "text/plain"}}, .body = text}
struct Request {
  std::string method = "GET";
  std::string url{};  // see parse_url
  Headers headers{};
  std::string body{};
  std::optional<BodyStream> stream{};  // in place of `body`
  std::optional<Timeouts> timeouts{};  // in place of the client's
};

// NOLINTEND(readability-redundant-member-init)

// What the server has answered, of whatever status. Fields are those of the last answer: what came
// with a "100 Continue" is gone. The body is empty for HEAD, and where a sink took it.
struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// Takes the pieces of a body as they arrive; a failure ends the exchange and is what send returns.
// Pieces are of any size and end anywhere (see LineSplitter); the view is good during the call. It
// is called on the thread that called send().
using BodySink = std::function<Status(std::string_view)>;

// Keeps connections open between requests. One thread at a time: give each thread its own client;
// any number of them work side by side. The StopFlag ends a request within 200 ms and must outlive
// the client. The first send() loads libcurl, which takes some ten milliseconds; making a client
// costs nothing. Several requests to one host use one connection, one after the other. HTTP/1.1
// alone is spoken, because a connection carries one request at a time here, and HTTP/2 would cost
// both sides more (docs/design/006-cluster.md).
class HttpClient {
 public:
  HttpClient(HttpOptions options, const StopFlag& stop);
  // A client that was moved from can only be assigned to or destroyed.
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // Blocks until the answer has come as a whole, something failed, or the flag was raised.
  // `request` is not changed and need only live as long. The body is at most `max_body` bytes long.
  Result<Response> send(const Request& request);
  // The bodies of 2xx answers go to `sink`, without a limit; other bodies, which say what is wrong,
  // are in Response::body. How a watch is followed and a blob downloaded: memory is that of a
  // piece. What the sink has taken before a failure it has taken.
  Result<Response> send(const Request& request, const BodySink& sink);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// "GET https://host/path", without the query: how messages name a request.
std::string describe(const Request& request);

}  // namespace marvel::net
