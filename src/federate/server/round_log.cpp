#include "federate/server/round_log.hpp"

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "federate/server/report_json.hpp"
#include "federate/server/round_reading.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <map>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

namespace fs = std::filesystem;

// A line that was cut off must not swallow the next one.
void cut_half_line(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) {
    return;
  }
  const auto text = read_file(path);
  if (text && !text->empty() && text->back() != '\n') {
    const auto end = text->rfind('\n');
    fs::resize_file(path, end == std::string::npos ? 0 : end + 1, ignored);
  }
}

}  // namespace

Status RoundLog::append(const RoundReport& report) const {
  const auto refused = [this](int error) {
    return fail(Errc::kUnavailable, fmt::format("cannot write '{}': {}", path_.string(),
                                                std::generic_category().message(error)));
  };
  const Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file.is_open()) {
    return refused(errno);
  }
  const off_t end = ::lseek(file.get(), 0, SEEK_END);
  int error = write_all(file.get(), round_json(report) + "\n");
  if (error == 0 && ::fsync(file.get()) != 0) {
    error = errno;
  }
  if (error == 0) {
    return {};
  }
  if (end >= 0) {  // half a line would spoil the next one
    const int ignored = ::ftruncate(file.get(), end);
    (void)ignored;
  }
  return refused(error);
}

Result<std::vector<RoundReport>> RoundLog::load(std::uint64_t last) const {
  std::error_code ignored;
  if (!fs::is_regular_file(path_, ignored)) {
    return std::vector<RoundReport>();
  }
  MARVEL_TRY(const std::string text, read_file(path_));
  std::map<std::uint64_t, RoundReport> rounds;
  for (const auto& line : split(text, '\n')) {
    if (auto report = read_round(line); report && report->round <= last) {
      rounds[report->round] = std::move(*report);
    }
  }
  std::vector<RoundReport> found;
  for (auto& [number, report] : rounds) {
    found.push_back(std::move(report));
  }
  return found;
}

Status RoundLog::complete(const std::vector<RoundReport>& rounds) const {
  std::error_code ignored;
  if (fs::exists(path_, ignored) && !fs::is_regular_file(path_, ignored)) {
    return {};
  }
  cut_half_line(path_);
  MARVEL_TRY(const auto there, load(std::numeric_limits<std::uint64_t>::max()));
  const std::uint64_t last = there.empty() ? 0 : there.back().round;
  for (const auto& report : rounds) {
    if (report.round > last) {
      MARVEL_TRY_STATUS(append(report));
    }
  }
  return {};
}

void RoundLog::remove() const {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

}  // namespace marvel::federate
