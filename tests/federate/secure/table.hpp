#pragma once

#include "federate/secure/member.hpp"
#include "federate/secure/secure_round.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate::secure::test_secure {

inline std::string data_of(const wire::Config& config) {
  return std::get<wire::Blob>(config.at(kDataEntry)).bytes;
}

// Members by name; client i holds the numbers {i, 10 i, 1}.
struct Table {
  explicit Table(const std::vector<std::string>& names, double share = 0.6)
      : round(prepared(names), share, 3) {
    for (const auto& name : names) {
      members[name] = std::make_unique<Member>(round.session());
    }
  }

  static std::vector<std::string> prepared(const std::vector<std::string>& names) {
    REQUIRE(prepare().has_value());
    return names;
  }
  static std::vector<std::uint64_t> numbers_of(const std::string& name) {
    const auto i = static_cast<std::uint64_t>(name[0] - 'a' + 1);
    return {i, 10 * i, 1};
  }

  wire::FitResult answer_of(const std::string& name) {
    auto& member = *members.at(name);
    const auto config = round.request(name);
    wire::FitResult answer;
    answer.metrics[kSessionSetting] = round.session();
    answer.metrics[kStageSetting] = config.at(kStageSetting);
    switch (round.stage()) {
      case Stage::kKeys:
        answer.metrics[kDataEntry] = wire::Blob{encode(member.keys())};
        break;
      case Stage::kShares: {
        const auto parcels = member.deal(
            *decode_roster(data_of(config)),
            static_cast<std::size_t>(std::get<std::int64_t>(config.at(kPlaceSetting))),
            static_cast<std::size_t>(std::get<std::int64_t>(config.at(kThresholdSetting))));
        REQUIRE(parcels.has_value());
        answer.metrics[kDataEntry] = wire::Blob{encode(*parcels)};
        break;
      }
      case Stage::kMasked: {
        auto numbers = numbers_of(name);
        REQUIRE(member.mask(*decode_parcels(data_of(config)), numbers).has_value());
        CHECK(numbers != numbers_of(name));
        answer.parameters = {{encode_numbers(numbers)}, kMaskedType};
        break;
      }
      default: {
        const auto reveals = member.reveal(*decode_places(data_of(config)));
        REQUIRE(reveals.has_value());
        answer.metrics[kDataEntry] = wire::Blob{encode(*reveals)};
      }
    }
    return answer;
  }

  // One stage in which these do not answer.
  Status stage(const std::string& silent) {
    for (const auto& [name, member] : members) {
      if (round.expects(name) && silent.find(name) == std::string::npos) {
        REQUIRE(round.take(name, answer_of(name)).has_value());
      }
    }
    return round.next();
  }

  SecureRound round;
  std::map<std::string, std::unique_ptr<Member>> members;
};

inline std::vector<std::uint64_t> sum_of(const std::string& names) {
  std::vector<std::uint64_t> sum(3);
  for (const char name : names) {
    const auto numbers = Table::numbers_of(std::string(1, name));
    for (std::size_t i = 0; i < 3; ++i) {
      sum[i] += numbers[i];
    }
  }
  return sum;
}

inline const std::vector<std::string> kFive{"a", "b", "c", "d", "e"};

}  // namespace marvel::federate::secure::test_secure
