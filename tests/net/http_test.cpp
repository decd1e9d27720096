#include "net/http.hpp"

#include "net/lines.hpp"
#include "net/test_server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::net {
namespace {

using namespace std::chrono_literals;
using test::TestServer;

HttpOptions quick() {
  HttpOptions options;
  options.timeouts.idle = 2s;
  return options;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What runs for our connection to `port`, by /proc/net/tcp: "02:000003E8" is a probe in 10 s.
std::string timer_of(const std::string& port) {
  std::ostringstream suffix;
  suffix << ":" << std::uppercase << std::hex << std::stoul(port);
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string own;
    std::string other;
    std::string state;
    std::string queues;
    std::string timer;
    fields >> number >> own >> other >> state >> queues >> timer;
    if (other.ends_with(suffix.str()) && state == "01") {
      return timer;
    }
  }
  return {};
}

BodyStream stream_of(const std::string& text, std::size_t& at) {
  return {[&text, &at](char* buffer, std::size_t room) -> Result<std::size_t> {
            const auto count = std::min({room, text.size() - at, std::size_t{1000}});
            std::copy_n(text.data() + at, count, buffer);
            at += count;
            return count;
          },
          text.size(),
          [&at]() -> Status {
            at = 0;
            return {};
          }};
}

}  // namespace

TEST_CASE("a request arrives as it was made, and its answer as it was sent") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const auto answer = client.send({.method = "PATCH",
                                   .url = server.url("/echo/a%20b?x=1"),
                                   .headers = {{"X-One", "1"}, {"X-None", ""}},
                                   .body = "hello"});
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(has(answer->body, "PATCH /echo/a%20b?x=1 HTTP/1.1"));
  CHECK(has(answer->body, "X-One: 1\n"));
  CHECK(has(answer->body, "X-None:\n"));
  CHECK(has(answer->body, "Content-Length: 5"));
  CHECK_FALSE(has(answer->body, "Content-Type"));
  CHECK_FALSE(has(answer->body, "Expect"));
  CHECK(answer->body.ends_with("\n\nhello"));
}

TEST_CASE("an answer of any status is an answer, with fields found in any case") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  for (const int status : {204, 404, 429, 503}) {
    const auto answer = client.send({.url = server.url("/status/" + std::to_string(status))});
    REQUIRE(answer.has_value());
    CHECK(answer->status == status);
    CHECK(answer->headers.all("X-ODD") == std::vector<std::string>{"1", "2"});
  }
}

TEST_CASE("redirects are not followed") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const auto answer = client.send({.url = server.url("/redirect")});
  REQUIRE(answer.has_value());
  CHECK(answer->status == 302);
  CHECK(answer->headers.get("location") == "http://elsewhere.invalid/");
}

TEST_CASE("HEAD has no body, and an empty POST says so") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const auto post = client.send({.method = "POST", .url = server.url("/echo")});
  REQUIRE(post.has_value());
  CHECK(has(post->body, "Content-Length: 0"));
  const auto removal = client.send({.method = "DELETE", .url = server.url("/echo")});
  REQUIRE(removal.has_value());
  CHECK(has(removal->body, "DELETE /echo"));
}

TEST_CASE("a body that is made while it is sent arrives whole, with and without a size") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const std::string text(300'000, 'q');
  for (const bool sized : {true, false}) {
    std::size_t at = 0;
    Request request{.method = "PUT", .url = server.url("/size")};
    request.stream = stream_of(text, at);
    if (!sized) {
      request.stream->size.reset();
    }
    const auto answer = client.send(request);
    REQUIRE(answer.has_value());
    CHECK(answer->body == "300000");
  }
}

TEST_CASE("a reader that fails ends the exchange with its own error") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  Request request{.method = "PUT", .url = server.url("/size")};
  request.stream = BodyStream{
      [](char*, std::size_t) -> Result<std::size_t> { return fail(Errc::kInput, "torn tape"); },
      std::nullopt,
      {}};
  const auto answer = client.send(request);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::kInput);
  CHECK(answer.error().message == "torn tape");
}

TEST_CASE("a server may refuse a body before it has come") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const std::string text(200'000, 'q');
  std::size_t at = 0;
  Request request{.method = "PUT", .url = server.url("/early")};
  request.stream = stream_of(text, at);
  const auto answer = client.send(request);
  if (answer) {  // else the reset overtook the answer
    CHECK(answer->status == 413);
  } else {
    CHECK(answer.error().code == Errc::kUnavailable);
  }
}

TEST_CASE("connections are kept, and one that the server has closed meanwhile costs nothing") {
  TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const auto first = client.send({.url = server.url("/connection")});
  const auto second = client.send({.url = server.url("/connection")});
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->body == second->body);
  REQUIRE(client.send({.url = server.url("/vanish")}).has_value());
  const std::string text(5'000, 'q');
  std::size_t at = 0;
  Request upload{.method = "PUT", .url = server.url("/size")};
  upload.stream = stream_of(text, at);
  const auto after = client.send(upload);
  REQUIRE(after.has_value());
  CHECK(after->body == "5000");
}

TEST_CASE("a kept connection that is closed while a PUT is sent costs nothing, either") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const std::string text(20'000'000, 'q');  // more than a connection takes unread
  for (const bool streamed : {true, false}) {
    REQUIRE(client.send({.url = server.url("/vanish-late")}).has_value());
    std::size_t at = 0;
    Request upload{.method = "PUT", .url = server.url("/size")};
    if (streamed) {
      upload.stream = stream_of(text, at);
    } else {
      upload.body = text;
    }
    const auto after = client.send(upload);
    REQUIRE(after.has_value());
    CHECK(after->body == "20000000");
  }
}

TEST_CASE("a POST whose connection is closed while it is sent fails, and is not sent again") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  REQUIRE(client.send({.url = server.url("/vanish-late")}).has_value());
  const auto after = client.send(
      {.method = "POST", .url = server.url("/size"), .body = std::string(20'000'000, 'q')});
  REQUIRE_FALSE(after.has_value());
  CHECK(after.error().code == Errc::kUnavailable);
}

TEST_CASE("a POST or PATCH that got no answer is not sent again, whatever the connection was") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  for (const auto* const method : {"POST", "PATCH"}) {
    REQUIRE(client.send({.url = server.url("/connection")}).has_value());  // kept, then used
    const auto answer =
        client.send({.method = method, .url = server.url("/deaf"), .body = std::string("abc")});
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == Errc::kUnavailable);
  }
  CHECK(client.send({.url = server.url("/deafs")})->body == "POST PATCH");
}

TEST_CASE("clients of several threads work side by side") {
  const TestServer server;
  const StopFlag stop;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      HttpClient client(quick(), stop);
      for (int k = 0; k < 25; ++k) {
        const auto answer =
            client.send({.method = "PUT", .url = server.url("/size"), .body = "abc"});
        good += answer && answer->body == "3" ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(good == 200);
}

TEST_CASE("a body beyond the limit is refused, whether or not its size was told") {
  const TestServer server;
  const StopFlag stop;
  HttpOptions options = quick();
  options.max_body = 10'000;
  HttpClient client(options, stop);
  CHECK(client.send({.url = server.url("/big/10000")}).has_value());
  for (const auto* const path : {"/big/10001", "/chunked/20000"}) {
    const auto answer = client.send({.url = server.url(path)});
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == Errc::kUnavailable);
    CHECK(has(answer.error().message, "larger than 10000"));
  }
}

TEST_CASE("a header without end is refused") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const auto answer = client.send({.url = server.url("/header")});
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::kUnavailable);
  CHECK(has(answer.error().message, "256 KiB"));
}

TEST_CASE("lines of a watch come as they are sent, and the sink may end it") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  LineSplitter lines(1000);
  std::vector<std::string> seen;
  const auto answer =
      client.send({.url = server.url("/drip/20")}, [&](std::string_view piece) -> Status {
        return lines.push(piece, [&seen](std::string_view line) -> Status {
          seen.emplace_back(line);
          return seen.size() < 5 ? Status() : fail(Errc::kConflict, "enough");
        });
      });
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message == "enough");
  CHECK(seen == std::vector<std::string>{"line 0", "line 1", "line 2", "line 3", "line 4"});
}

TEST_CASE("a sink gets bodies of success only, what is wrong is in the answer") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  std::string taken;
  const BodySink sink = [&taken](std::string_view piece) -> Status {
    taken += piece;
    return {};
  };
  const auto good = client.send({.url = server.url("/chunked/50000")}, sink);
  REQUIRE(good.has_value());
  CHECK(taken == std::string(50'000, 'x'));
  CHECK(good->body.empty());
  taken.clear();
  const auto bad = client.send({.url = server.url("/status/410")}, sink);
  REQUIRE(bad.has_value());
  CHECK(bad->body == "why");
  CHECK(taken.empty());
}

TEST_CASE("a stop ends a request that hangs, and one that streams, within 200 ms") {
  const TestServer server;
  for (const auto* const path : {"/hang", "/begin", "/drip/10"}) {
    double quickest = 1e9;  // of three tries: a busy machine may wake a thread late
    for (int tries = 0; tries < 3 && quickest >= 0.2; ++tries) {
      StopFlag stop;
      HttpClient client(quick(), stop);
      std::chrono::steady_clock::time_point raised;
      std::thread other([&] {
        std::this_thread::sleep_for(300ms);
        raised = std::chrono::steady_clock::now();
        stop.raise(2);
      });
      const auto answer =
          client.send({.url = server.url(path)}, [](std::string_view) -> Status { return {}; });
      const auto ended = std::chrono::steady_clock::now();
      other.join();
      REQUIRE_FALSE(answer.has_value());
      CHECK(answer.error().message == "stopped");
      quickest = std::min(quickest, std::chrono::duration<double>(ended - raised).count());
    }
    CHECK(quickest < 0.2);
  }
}

TEST_CASE("servers that go silent are given up: before the answer, in it, and as a whole") {
  const TestServer server;
  const StopFlag stop;
  HttpOptions options;
  options.timeouts.idle = 300ms;
  HttpClient client(options, stop);
  for (const auto* const path : {"/hang", "/begin"}) {
    Result<Response> answer;
    const double taken = seconds_of([&] { answer = client.send({.url = server.url(path)}); });
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == Errc::kTimeout);
    CHECK(has(answer.error().message, "no byte moved for 300 ms"));
    CHECK(taken < 2);
  }
  // One that keeps talking is not idle, so the whole is limited.
  const auto answer = client.send(
      {.url = server.url("/drip/10"), .timeouts = Timeouts{.idle = 2s, .total = 2500ms}});
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::kTimeout);
  CHECK(has(answer.error().message, "within 2500 ms"));
}

TEST_CASE("a connection on which nothing moves is probed after ten seconds") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  std::string timer;
  const auto answer = client.send({.url = server.url("/begin")}, [&](std::string_view) -> Status {
    for (int i = 0; i < 100 && !timer.starts_with("02:"); ++i) {
      timer = timer_of(server.port());
      std::this_thread::sleep_for(10ms);
    }
    return fail(Errc::kFailed, "enough");
  });
  CHECK_FALSE(answer.has_value());
  REQUIRE(timer.starts_with("02:"));
  CHECK(std::stoul(timer.substr(3), nullptr, 16) <= 1000);  // hundredths of a second
}

TEST_CASE("what is cut off or no HTTP is told, never taken for a whole answer") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  for (const auto* const path : {"/cut", "/garbage"}) {
    const auto answer = client.send({.url = server.url(path)});
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == Errc::kUnavailable);
    CHECK(has(answer.error().message, "broke off"));
  }
}

TEST_CASE("a name that does not resolve and a port that refuses are told apart") {
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const auto name = client.send({.url = "http://no-such-host.invalid/"});
  REQUIRE_FALSE(name.has_value());
  CHECK(name.error().code == Errc::kUnavailable);
  CHECK(has(name.error().message, "could not resolve the host name 'no-such-host.invalid'"));
  TestServer server;
  const std::string url = server.url("/echo", "127.0.0.1");
  server.stop();
  std::this_thread::sleep_for(100ms);
  const auto port = client.send({.url = url});
  REQUIRE_FALSE(port.has_value());
  CHECK(port.error().code == Errc::kUnavailable);
  CHECK(has(port.error().message, "Connection refused"));
}

TEST_CASE("bad requests never leave: URL, method, line ends in headers") {
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const std::vector<Request> bad{{.url = "ftp://host/"},
                                 {.url = "http://user:secret@host/"},
                                 {.url = "http://host/a b"},
                                 {.method = "GET /x HTTP/1.1\r\nA: b", .url = "http://host/"},
                                 {.url = "http://host/", .headers = {{"A", "b\r\nC: d"}}},
                                 {.url = "http://host/", .headers = {{"A b", "c"}}}};
  for (const auto& request : bad) {
    const auto answer = client.send(request);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == Errc::kInput);
    CHECK_FALSE(has(describe(answer.error()), "secret"));
  }
}

TEST_CASE("messages leave out the query, which may hold a secret") {
  const TestServer server;
  const StopFlag stop;
  HttpClient client(quick(), stop);
  const auto answer = client.send({.url = server.url("/cut/?token=hush")});
  REQUIRE_FALSE(answer.has_value());
  CHECK(has(answer.error().message, "/cut"));
  CHECK_FALSE(has(describe(answer.error()), "hush"));
}

}  // namespace marvel::net
