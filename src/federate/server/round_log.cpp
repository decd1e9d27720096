#include "federate/server/round_log.hpp"

#include "base/fd.hpp"
#include "federate/server/report_json.hpp"
#include "federate/server/round_reading.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

namespace fs = std::filesystem;

// Hands each round that the file has to `take`, a line at a time: a long run's file is large.
template <class Take>
Status read_rounds(const fs::path& path, const Take& take) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) {
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  std::string line;
  while (std::getline(file, line)) {
    if (auto report = read_round(line)) {
      take(std::move(*report));
    }
  }
  return file.eof() ? Status{} : fail(Errc::kInput, fmt::format("cannot read '{}'", path.string()));
}

// Where the last line with an end stops; the whole size where that cannot be read.
std::streamoff end_of_lines(std::ifstream& file, std::streamoff size) {
  constexpr std::streamoff kBlock = 65536;
  std::string block;
  for (std::streamoff end = size; end > 0;) {
    const std::streamoff begin = std::max<std::streamoff>(0, end - kBlock);
    block.resize(static_cast<std::size_t>(end - begin));
    file.seekg(begin);
    if (!file.read(block.data(), end - begin)) {
      return size;
    }
    if (const auto at = block.rfind('\n'); at != std::string::npos) {
      return begin + static_cast<std::streamoff>(at) + 1;
    }
    end = begin;
  }
  return 0;
}

// A line that was cut off must not swallow the next one.
void cut_half_line(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) {
    return;
  }
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();  // -1 where it cannot be opened
  const std::streamoff whole = end_of_lines(file, size);
  if (whole < size) {
    fs::resize_file(path, static_cast<std::uintmax_t>(whole), ignored);
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
  std::map<std::uint64_t, RoundReport> rounds;
  MARVEL_TRY_STATUS(read_rounds(path_, [&](RoundReport report) {
    if (report.round <= last) {
      rounds[report.round] = std::move(report);
    }
  }));
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
  std::uint64_t last = 0;
  MARVEL_TRY_STATUS(read_rounds(
      path_, [&last](const RoundReport& report) { last = std::max(last, report.round); }));
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
