#include "federate/secure/secure_round.hpp"

#include "base/check.hpp"
#include "federate/secure/member.hpp"
#include "federate/secure/shamir.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate::secure {
namespace {

std::string_view text_at(const wire::Config& config, const char* name) {
  const auto found = config.find(name);
  const auto* text = found == config.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string_view() : *text;
}

std::string_view data_of(const wire::Config& config) {
  const auto found = config.find(kDataEntry);
  const auto* blob = found == config.end() ? nullptr : std::get_if<wire::Blob>(&found->second);
  return blob == nullptr ? std::string_view() : std::string_view(blob->bytes);
}

}  // namespace

SecureRound::SecureRound(std::vector<std::string> clients, double share, std::size_t elements)
    : session_(random_name()), share_(share), sum_(elements) {
  MARVEL_CHECK(clients.size() <= kMostClients, "secure aggregation: at most 255 clients");
  for (auto& name : clients) {
    in_.insert(name);
    clients_[std::move(name)];
  }
}

bool SecureRound::expects(const std::string& client) const {
  return in_.contains(client) && !answered_.contains(client);
}

wire::Config SecureRound::request(const std::string& name) const {
  wire::Config config;
  config[kSessionSetting] = session_;
  config[kStageSetting] = std::string(stage_name(stage_));
  const Client& client = clients_.at(name);
  if (stage_ == Stage::kShares) {
    std::vector<OpenKeys> roster(clients_.size());
    std::size_t count = 0;
    for (const auto& [other, member] : clients_) {
      if (member.place > 0) {
        roster[member.place - 1U] = member.keys;
        ++count;
      }
    }
    roster.resize(count);
    config[kPlaceSetting] = static_cast<std::int64_t>(client.place);
    config[kThresholdSetting] = static_cast<std::int64_t>(threshold_);
    config[kDataEntry] = wire::Blob{encode(roster)};
  } else if (stage_ == Stage::kMasked) {
    std::vector<Parcel> parcels;
    for (const auto& other : dealt_) {  // in the order of names, which is that of places
      if (other != name) {
        const auto& from = clients_.at(other);
        parcels.push_back({from.place, from.parcels.at(client.place)});
      }
    }
    config[kDataEntry] = wire::Blob{encode(parcels)};
  } else if (stage_ == Stage::kUnmask) {
    config[kDataEntry] = wire::Blob{encode_places(survivors())};
  }
  return config;
}

Status SecureRound::take(const std::string& name, const wire::FitResult& answer) {
  const bool ours = text_at(answer.metrics, kSessionSetting) == session_ &&
                    text_at(answer.metrics, kStageSetting) == stage_name(stage_);
  if (!expects(name)) {
    return {};
  }
  if (!ours) {
    drop(name);
    return fail(Errc::kInput, "its answer belongs to another secure sum");
  }
  auto stored = store(name, clients_.at(name), answer);
  if (!stored) {
    drop(name);
    return stored;
  }
  answered_.insert(name);
  return {};
}

Status SecureRound::store(const std::string& name, Client& client, const wire::FitResult& answer) {
  const auto data = data_of(answer.metrics);
  switch (stage_) {
    case Stage::kKeys: {
      MARVEL_TRY(const OpenKeys keys, decode_keys(data));
      MARVEL_TRY_STATUS(check_keys(keys));
      client.keys = keys;
      return {};
    }
    case Stage::kShares:
      return store_parcels(client, data);
    case Stage::kMasked: {
      if (answer.parameters.tensor_type != kMaskedType || answer.parameters.tensors.size() != 1) {
        return fail(Errc::kInput, "its update is not masked");
      }
      MARVEL_TRY(const auto numbers, decode_numbers(answer.parameters.tensors[0], sum_.size()));
      std::transform(sum_.begin(), sum_.end(), numbers.begin(), sum_.begin(), std::plus<>());
      summed_.insert(name);
      return {};
    }
    case Stage::kUnmask:
      return store_reveals(client, data);
    case Stage::kDone:
      break;
  }
  return {};
}

// Every other client would stop at a key that leaves no secret, and at a list with a mask key
// twice.
Status SecureRound::check_keys(const OpenKeys& keys) const {
  KeyPair throwaway = new_key_pair();
  const bool usable =
      agree(throwaway, keys.cipher, "check") && agree(throwaway, keys.mask, "check");
  wipe(throwaway.secret);
  if (!usable) {
    return fail(Errc::kInput, "its key leaves no secret with any other");
  }
  const bool taken = std::any_of(answered_.begin(), answered_.end(), [&](const auto& name) {
    return clients_.at(name).keys.mask == keys.mask;
  });
  return taken ? fail(Errc::kInput, "its mask key is that of another client") : Status{};
}

// One for each of the others.
Status SecureRound::store_parcels(Client& client, std::string_view bytes) const {
  MARVEL_TRY(auto parcels, decode_parcels(bytes));
  std::map<std::uint8_t, std::string> sealed;
  for (auto& parcel : parcels) {
    sealed[parcel.peer] = std::move(parcel.sealed);
  }
  for (const auto& [name, other] : clients_) {
    if (other.place > 0 && other.place != client.place && !sealed.contains(other.place)) {
      return fail(Errc::kInput, fmt::format("it sealed no shares for client {}", name));
    }
  }
  client.parcels = std::move(sealed);
  return {};
}

// One for each that dealt, and of the right kind.
Status SecureRound::store_reveals(Client& client, std::string_view bytes) const {
  MARVEL_TRY(auto reveals, decode_reveals(bytes));
  std::set<std::pair<std::uint8_t, bool>> wanted;
  for (const auto& name : dealt_) {
    wanted.emplace(clients_.at(name).place, !summed_.contains(name));
  }
  std::set<std::pair<std::uint8_t, bool>> given;
  for (const auto& reveal : reveals) {
    given.emplace(reveal.of, reveal.mask_key);
  }
  if (given != wanted) {
    return fail(Errc::kInput, "it revealed other shares than it was asked for");
  }
  client.reveals = std::move(reveals);
  return {};
}

Status SecureRound::next() {
  const std::size_t there = answered_.size();
  if (stage_ == Stage::kKeys) {
    threshold_ =
        std::max(static_cast<std::size_t>(std::ceil(static_cast<double>(there) * share_ - 1e-9)),
                 there / 2 + 1);
    threshold_ = std::max<std::size_t>(2, threshold_);
  }
  if (there < threshold_) {
    return fail(Errc::kFailed,
                fmt::format("{} of the {} clients that a secure sum needs have answered ({})",
                            there, threshold_, stage_name(stage_)));
  }
  in_ = std::exchange(answered_, {});
  switch (stage_) {
    case Stage::kKeys:
      seat();
      stage_ = Stage::kShares;
      return {};
    case Stage::kShares:
      dealt_ = in_;
      stage_ = Stage::kMasked;
      return {};
    case Stage::kMasked:
      stage_ = Stage::kUnmask;
      return {};
    default:
      return unmask();
  }
}

void SecureRound::seat() {
  std::uint8_t place = 0;
  for (const auto& name : in_) {
    clients_.at(name).place = ++place;
  }
}

std::vector<std::uint8_t> SecureRound::survivors() const {
  std::vector<std::uint8_t> places;
  for (const auto& name : summed_) {
    places.push_back(clients_.at(name).place);
  }
  return places;
}

std::vector<std::string> SecureRound::summed() const {
  return {summed_.begin(), summed_.end()};
}

std::optional<Key> SecureRound::secret_of(std::uint8_t place, bool mask_key) const {
  std::vector<Share> shares;
  for (const auto& name : in_) {
    const auto& from = clients_.at(name);
    for (const auto& reveal : from.reveals) {
      if (reveal.of == place && reveal.mask_key == mask_key && shares.size() < threshold_) {
        shares.push_back({from.place, reveal.share});
      }
    }
  }
  return shares.size() == threshold_ ? join(shares) : std::nullopt;
}

// Takes the survivors' own masks away, and what the masks with those that are gone have left.
Status SecureRound::unmask() {
  const auto lost = [](const std::string& name) {
    return fail(Errc::kFailed, fmt::format("the shares of client {}'s secret do not fit", name));
  };
  for (const auto& name : dealt_) {
    const auto& client = clients_.at(name);
    const bool gone = !summed_.contains(name);
    auto secret = secret_of(client.place, gone);
    if (!secret || (gone && open_key(*secret) != client.keys.mask)) {
      return lost(name);
    }
    if (!gone) {
      add_mask(*secret, true, sum_);
      continue;
    }
    for (const auto& survivor : summed_) {
      const auto& other = clients_.at(survivor);
      const auto seed = mask_seed({*secret, client.keys.mask}, other.keys.mask, session_);
      if (!seed) {
        return lost(name);
      }
      // The survivor subtracted it where the one that is gone comes before it: undo that.
      add_mask(*seed, client.place > other.place, sum_);
    }
    wipe(*secret);
  }
  stage_ = Stage::kDone;
  return {};
}

}  // namespace marvel::federate::secure
