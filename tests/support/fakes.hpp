#pragma once

#include "base/context.hpp"

#include <string>
#include <utility>
#include <vector>

namespace marvel::test {

// Remembers what was logged.
class CaptureLog : public Log {
 public:
  void write(LogLevel level, std::string_view message) override {
    lines.emplace_back(level, message);
  }
  std::vector<std::pair<LogLevel, std::string>> lines;
};

// Remembers milestones only.
class CaptureProgress : public Progress {
 public:
  void begin(std::string_view, std::uint64_t) override {}
  void update(std::uint64_t, std::string_view) override {}
  void milestone(std::string_view line) override { milestones.emplace_back(line); }
  void end() override {}
  std::vector<std::string> milestones;
};

// A whole Context for a test.
struct TestContext {
  CaptureLog log;
  CaptureProgress progress;
  StopFlag stop;
  Context context{log, progress, stop};
};

}  // namespace marvel::test
