#include "base/folder_lock.hpp"

#include "support/temp_dir.hpp"

#include <csignal>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

namespace marvel {
namespace {

constexpr FolderUser kNode{"node", "state folder", "--state"};

}  // namespace

TEST_CASE("a folder that is held is refused, and free when the one who held it is gone") {
  const test::TempDir folder;
  {
    const auto first = FolderLock::take(folder.path(), kNode);
    REQUIRE(first);
    CHECK(first->is_held());
    const auto second = FolderLock::take(folder.path(), kNode);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::kConflict);
    CHECK(second.error().message ==
          "another node runs with the state folder '" + folder.path().string() + "'");
    CHECK(second.error().hint == "each node needs a folder of its own: --state");
  }
  CHECK(FolderLock::take(folder.path(), kNode));
}

TEST_CASE("a process that is killed holds nothing any more") {
  const test::TempDir folder;
  int told[2] = {};
  REQUIRE(::pipe(told) == 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const auto held = FolderLock::take(folder.path(), kNode);
    const char state = held ? '+' : '-';
    [[maybe_unused]] const auto written = ::write(told[1], &state, 1);
    for (;;) {
      ::pause();
    }
  }
  char state = 0;
  REQUIRE(::read(told[0], &state, 1) == 1);
  CHECK(state == '+');
  CHECK_FALSE(FolderLock::take(folder.path(), kNode));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  CHECK(FolderLock::take(folder.path(), kNode));
  ::close(told[0]);
  ::close(told[1]);
}

TEST_CASE("of many that begin at once with one folder one gets it") {
  const test::TempDir folder;
  std::mutex guard;  // of both below
  std::vector<FolderLock> won;
  int refused = 0;
  std::vector<std::thread> nodes;
  for (int at = 0; at < 8; ++at) {
    nodes.emplace_back([&] {
      auto lock = FolderLock::take(folder.path(), kNode);
      const std::lock_guard lock_of_both(guard);
      if (lock) {
        won.push_back(std::move(*lock));
      } else {
        ++refused;
      }
    });
  }
  for (auto& each : nodes) {
    each.join();
  }
  CHECK(won.size() == 1);
  CHECK(refused == 7);
}

TEST_CASE("where no lock can be made it is told, and a link is not followed") {
  const test::TempDir folder;
  const auto none = FolderLock::take(folder / "none", kNode);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kUnavailable);
  std::filesystem::create_symlink(folder / "elsewhere", folder / "node.lock");
  CHECK(FolderLock::take(folder.path(), kNode).error().code == Errc::kUnavailable);
  CHECK_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

}  // namespace marvel
