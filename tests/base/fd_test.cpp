#include "base/fd.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <thread>

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("a descriptor is closed once, by the last one that has it") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const Fd reader(ends[0]);
  {
    Fd first(ends[1]);
    const Fd second(std::move(first));
    CHECK(second.get() == ends[1]);
    CHECK(write_all(second.get(), "x") == 0);
  }
  CHECK(::fcntl(ends[1], F_GETFD) == -1);
  CHECK_FALSE(Fd().is_open());
}

TEST_CASE("a write that a signal cuts short goes on, and a failure is told by its number") {
  struct sigaction wake{};
  struct sigaction before{};
  wake.sa_handler = [](int) {};  // without SA_RESTART
  REQUIRE(::sigaction(SIGUSR1, &wake, &before) == 0);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const Fd reader(ends[0]);
  const std::string bytes(1U << 20U, 'x');
  std::string got;
  std::thread other([&, writer = ::pthread_self()] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the pipe is full by now
    ::pthread_kill(writer, SIGUSR1);
    std::array<char, 4096> piece{};
    ssize_t size = 0;
    while ((size = ::read(reader.get(), piece.data(), piece.size())) > 0) {
      got.append(piece.data(), static_cast<std::size_t>(size));
    }
  });
  {
    const Fd writer(ends[1]);
    CHECK(write_all(writer.get(), bytes) == 0);
  }
  other.join();
  CHECK(got == bytes);
  ::sigaction(SIGUSR1, &before, nullptr);
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  CHECK(write_all(full.get(), "x") == ENOSPC);
}

}  // namespace marvel
