#include "vpn/io/conveyor.hpp"

#include "vpn/support.hpp"

#include <future>
#include <stdexcept>

namespace marvel::vpn {
namespace {

struct Number {
  std::uint64_t value = 0;
  void clear() { value = 0; }
};

// Who did what, written by whoever works: the conveyor must order that by itself.
struct Done {
  std::uint64_t value;
  std::thread::id by;
  bool operator==(const Done&) const = default;
};

struct Worker {
  std::vector<Done> done;
  Conveyor<Number> conveyor{
      [this](Number& number) { done.push_back({number.value, std::this_thread::get_id()}); }};

  void pass(std::uint64_t value, bool little) {
    conveyor.slot().value = value;
    conveyor.pass(little);
  }
  void finish() const {
    while (!conveyor.idle()) {
      std::this_thread::yield();
    }
  }
};

}  // namespace

TEST_CASE("without a helper the filling thread does all at once") {
  Worker worker;
  worker.pass(7, false);
  worker.pass(8, true);
  const auto self = std::this_thread::get_id();
  CHECK(worker.done == std::vector<Done>{{7, self}, {8, self}});
  CHECK(worker.conveyor.slot().value == 0);
}

TEST_CASE("a helper gets all, in order, however the two threads meet") {
  CounterRng rng(1);
  std::uint64_t value = 0;
  Worker worker;
  worker.conveyor.start(4);
  const std::uint64_t all = seeds(200'000);
  while (value < all) {
    // Long runs fill the ring, breaks let the helper fall asleep.
    for (std::uint32_t run = 1 + rng.below(20); run > 0; --run) {
      worker.pass(value++, rng.below(4) == 0);
    }
    if (rng.below(8) == 0) {
      worker.finish();
    }
  }
  worker.finish();
  REQUIRE(worker.done.size() == value);
  for (std::uint64_t at = 0; at < value; ++at) {
    REQUIRE(worker.done[at].value == at);
  }
}

TEST_CASE("no more are on their way than there are slots") {
  std::atomic<std::uint32_t> filled = 0;
  std::uint32_t done = 0;
  std::uint32_t most = 0;
  Conveyor<Number> conveyor([&](Number&) {
    most = std::max(most, filled.load() - done);
    ++done;
  });
  conveyor.start(4);
  for (int at = 0; at < 20'000; ++at) {
    conveyor.slot().value = 1;
    ++filled;
    conveyor.pass(false);
  }
  while (!conveyor.idle()) {
    std::this_thread::yield();
  }
  CHECK(done == 20'000);
  CHECK(most <= 4);
}

TEST_CASE("little is done at once, but never before what is on its way") {
  std::promise<void> go;
  std::vector<Done> done;
  Conveyor<Number> conveyor([&](Number& number) {
    if (number.value == 1) {
      go.get_future().wait();
    }
    done.push_back({number.value, std::this_thread::get_id()});
  });
  conveyor.start(4);
  const auto pass = [&](std::uint64_t value, bool little) {
    conveyor.slot().value = value;
    conveyor.pass(little);
  };
  const auto self = std::this_thread::get_id();
  pass(0, true);
  CHECK(done == std::vector<Done>{{0, self}});
  pass(1, false);
  CHECK_FALSE(conveyor.idle());
  pass(2, true);
  go.set_value();
  while (!conveyor.idle()) {
    std::this_thread::yield();
  }
  REQUIRE(done.size() == 3);
  CHECK(done[1].value == 1);
  CHECK(done[2].value == 2);
  CHECK(done[2].by != self);
  pass(3, true);
  CHECK(done.back() == Done{3, self});
}

TEST_CASE("a conveyor that ends while its helper is busy lets it do what was passed, and no more") {
  std::promise<void> go;
  std::promise<void> begun;
  std::vector<std::uint64_t> done;
  {
    Conveyor<Number> conveyor([&](Number& number) {
      if (number.value == 0) {
        begun.set_value();
        go.get_future().wait();
      }
      done.push_back(number.value);
    });
    conveyor.start(4);
    for (std::uint64_t value = 0; value < 3; ++value) {
      conveyor.slot().value = value;
      conveyor.pass(false);
    }
    begun.get_future().wait();
    conveyor.slot().value = 3;
    go.set_value();
  }
  CHECK(done == std::vector<std::uint64_t>{0, 1, 2});
}

TEST_CASE("a conveyor that was given nothing ends") {
  Worker worker;
  worker.conveyor.start(2);
  CHECK(worker.conveyor.is_threaded());
}

TEST_CASE("work that throws in the helper is told, and the rest goes on") {
  std::vector<std::uint64_t> done;
  Conveyor<Number> conveyor([&](Number& number) {
    if (number.value == 1) {
      throw std::runtime_error("broken");
    }
    done.push_back(number.value);
  });
  conveyor.start(2);
  for (std::uint64_t value = 0; value < 6; ++value) {
    CHECK(conveyor.slot().value == 0);
    conveyor.slot().value = value;
    conveyor.pass(false);
  }
  while (!conveyor.idle()) {
    std::this_thread::yield();
  }
  CHECK(conveyor.failed());
  CHECK(done == std::vector<std::uint64_t>{0, 2, 3, 4, 5});
}

}  // namespace marvel::vpn
