#include "federate/client/ready_file.hpp"

#include "base/file.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("the file is there while it is shown, and goes with its object") {
  const test::TempDir dir;
  test::CaptureLog log;
  const auto path = dir / "ready";
  REQUIRE(write_file_atomically(path, "of a process that was killed").has_value());
  {
    ReadyFile ready(path, log);
    CHECK_FALSE(std::filesystem::exists(path));
    ready.show();
    CHECK(std::filesystem::exists(path));
    ready.hide();
    CHECK_FALSE(std::filesystem::exists(path));
    ready.show();
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(log.lines.empty());
}

TEST_CASE("a file that cannot be written is told once, and none is wanted without a name") {
  const test::TempDir dir;
  test::CaptureLog log;
  ReadyFile ready(dir / "nowhere" / "ready", log);
  ready.show();
  ready.show();
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].second.starts_with("--ready-file: "));
  ReadyFile none({}, log);
  none.show();
  none.hide();
  CHECK(log.lines.size() == 1);
}

}  // namespace marvel::federate
