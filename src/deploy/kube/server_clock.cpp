#include "deploy/kube/server_clock.hpp"

#include <cstdio>
#include <cstring>
#include <ctime>

namespace marvel::kube {
namespace {

// 0 for January; nothing for what is no month.
std::optional<int> month_of(const char* name) {
  constexpr const char* kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const char* found = std::strlen(name) == 3 ? std::strstr(kMonths, name) : nullptr;
  if (found == nullptr || (found - kMonths) % 3 != 0) {
    return std::nullopt;
  }
  return static_cast<int>((found - kMonths) / 3);
}

}  // namespace

std::optional<std::int64_t> seconds_of_date(const std::string& date) {
  std::tm parts{};
  char month[4]{};
  char zone[4]{};
  const int count = std::sscanf(date.c_str(), "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d %3[A-Z]",
                                &parts.tm_mday, month, &parts.tm_year, &parts.tm_hour,
                                &parts.tm_min, &parts.tm_sec, zone);
  const auto number = month_of(month);
  if (count != 7 || !number || std::string(zone) != "GMT") {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon = *number;
  return ::timegm(&parts);
}

void ServerClock::learn(const std::string& date) {
  if (const auto seconds = seconds_of_date(date)) {
    const std::lock_guard lock(mutex_);
    last_ = Look{*seconds, std::chrono::steady_clock::now()};
  }
}

std::int64_t ServerClock::now() const {
  const std::lock_guard lock(mutex_);
  if (!last_) {
    return std::time(nullptr);
  }
  const auto since = std::chrono::steady_clock::now() - last_->at;
  return last_->seconds + std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

}  // namespace marvel::kube
