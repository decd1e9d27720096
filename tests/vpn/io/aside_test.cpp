#include "vpn/io/aside.hpp"

#include <atomic>
#include <future>
#include <poll.h>
#include <stdexcept>

#include <doctest/doctest.h>

namespace marvel::vpn {
namespace {

bool is_done(const Aside<int>& aside) {
  pollfd one{aside.fd(), POLLIN, 0};
  return ::poll(&one, 1, 5000) == 1;
}

TEST_CASE("work aside is taken once, when it is done") {
  std::promise<void> go;
  Aside<int> aside([&] {
    go.get_future().wait();
    return 7;
  });
  aside.begin();
  CHECK_FALSE(aside.take());
  go.set_value();
  REQUIRE(is_done(aside));
  CHECK(aside.take() == 7);
  CHECK_FALSE(aside.take());
}

TEST_CASE("work that is asked for while it runs is done once more, and its last answer counts") {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::atomic<int> runs = 0;
  Aside<int> aside([&] {
    gone.wait();
    return ++runs;
  });
  aside.begin();
  aside.begin();
  aside.begin();
  go.set_value();
  REQUIRE(is_done(aside));
  CHECK_FALSE(aside.take());
  REQUIRE(is_done(aside));
  CHECK(aside.take() == 2);
}

TEST_CASE("work that throws is an error, and work can begin again") {
  int runs = 0;
  Aside<int> aside([&runs]() -> Result<int> {
    if (++runs == 1) {
      throw std::runtime_error("no such luck");
    }
    return runs;
  });
  aside.begin();
  REQUIRE(is_done(aside));
  const auto first = aside.take();
  REQUIRE((first && !*first));
  CHECK(first->error().code == Errc::kInternal);
  CHECK(first->error().message == "no such luck");
  aside.begin();
  REQUIRE(is_done(aside));
  CHECK(aside.take() == 2);
}

TEST_CASE("without work nothing begins") {
  Aside<int> aside({});
  aside.begin();
  CHECK_FALSE(aside.take());
}

}  // namespace
}  // namespace marvel::vpn
