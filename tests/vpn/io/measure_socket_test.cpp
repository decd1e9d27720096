#include "vpn/io/measure_socket.hpp"

#include "support/temp_dir.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

namespace marvel::vpn {
namespace {

bool always() {
  return true;
}

// A node that answers one survey with `document`, or none when it is empty, until `stop`.
class Node {
 public:
  Node(const std::filesystem::path& folder, std::string document)
      : socket_(*MeasureSocket::listen(folder)),
        document_(std::move(document)),
        thread_([this] { run(); }) {}
  ~Node() {
    stop_ = true;
    thread_.join();
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  std::atomic<int> begun{0};
  std::atomic<int> cancelled{0};
  SurveyOrder order;  // read it after `begun`

 private:
  void run() {
    Poller poller;
    poller.watch(socket_.fd());
    while (!stop_) {
      for (const int fd : poller.wait(milliseconds(20))) {
        socket_.take(
            fd, poller,
            [this](SurveyOrder given) {
              order = std::move(given);
              ++begun;
            },
            [this] { ++cancelled; });
      }
      if (begun > 0 && !document_.empty()) {
        socket_.answer(document_);
      }
    }
  }

  MeasureSocket socket_;
  std::string document_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

void wait_until(const std::function<bool()>& done) {
  for (int at = 0; at < 500 && !done(); ++at) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  REQUIRE(done());
}

}  // namespace

TEST_CASE("an order arrives as it was given, and the answer comes back") {
  const test::TempDir folder;
  Node node(folder.path(), "{\"x\":1}");
  const auto answer = request_survey(folder.path(), {{"b", "c-1"}, 65536}, always);
  REQUIRE(answer);
  CHECK(*answer == "{\"x\":1}");
  CHECK(node.order.peers == std::vector<std::string>{"b", "c-1"});
  CHECK(node.order.largest == 65536);
}

TEST_CASE("one survey at a time, and one that is given up is cancelled") {
  const test::TempDir folder;
  Node node(folder.path(), "");
  std::atomic<bool> going{true};
  std::thread first([&] {
    const auto none = request_survey(folder.path(), {}, [&] { return going.load(); });
    CHECK_FALSE(none);
  });
  wait_until([&] { return node.begun == 1; });
  const auto second = request_survey(folder.path(), {}, always);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::kConflict);
  going = false;
  first.join();
  wait_until([&] { return node.cancelled == 1; });
}

TEST_CASE("lines that are no order are refused") {
  CHECK(parse_survey_order("65536"));
  CHECK(parse_survey_order("65536 a b")->peers.size() == 2);
  for (const char* const line : {"", "x", "-1 a", "65536 ", "65536 a/b", "65536  a"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_survey_order(line));
  }
}

TEST_CASE("where no edge listens it is told") {
  const test::TempDir folder;
  const auto none = request_survey(folder.path(), {}, always);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kUnavailable);
}

}  // namespace marvel::vpn
