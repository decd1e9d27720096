#include "federate/secure/member.hpp"

#include "federate/secure/shamir.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate::secure {
namespace {

std::string shares_text(const Key& seed, const Key& mask_key) {
  std::string text(seed.begin(), seed.end());
  text.append(mask_key.begin(), mask_key.end());
  return text;
}

bool has_double(std::vector<OpenKeys> roster) {
  const auto less = [](const OpenKeys& a, const OpenKeys& b) { return a.mask < b.mask; };
  std::sort(roster.begin(), roster.end(), less);
  return std::adjacent_find(roster.begin(), roster.end(), [](const auto& a, const auto& b) {
           return a.mask == b.mask;
         }) != roster.end();
}

}  // namespace

std::string parcel_label(const std::string& session, std::size_t from, std::size_t to) {
  return fmt::format("{} {} {}", session, from, to);
}

std::optional<Key> mask_seed(const KeyPair& mine, const Key& other, const std::string& session) {
  return agree(mine, other, "marvel.secagg mask " + session);
}

Member::Member(std::string session)
    : session_(std::move(session)),
      cipher_(new_key_pair()),
      mask_(new_key_pair()),
      seed_(random_key()) {}

Member::~Member() {
  wipe(cipher_.secret);
  wipe(mask_.secret);
  wipe(seed_);
  for (auto& [peer, held] : held_) {
    wipe(held.seed);
    wipe(held.mask_key);
  }
}

Result<std::vector<Parcel>> Member::deal(std::vector<OpenKeys> roster, std::size_t place,
                                         std::size_t threshold) {
  const bool listed = next_ == Stage::kShares && place >= 1 && place <= roster.size() &&
                      roster[place - 1] == keys();
  if (!listed || has_double(roster)) {
    return fail(Errc::kInput, "the server's list of keys is not one of this secure sum");
  }
  if (roster.size() < 2 || 2 * threshold <= roster.size() || threshold > roster.size()) {
    return fail(Errc::kInput,
                fmt::format("{} of {} clients are no safe threshold", threshold, roster.size()));
  }
  auto seeds = split(seed_, threshold, roster.size());
  auto keys = split(mask_.secret, threshold, roster.size());
  std::vector<Parcel> parcels;
  for (std::size_t to = 1; to <= roster.size(); ++to) {
    if (to == place) {
      held_[static_cast<std::uint8_t>(to)] = {seeds[to - 1], keys[to - 1]};
      continue;
    }
    const auto key = agree(cipher_, roster[to - 1].cipher, "marvel.secagg shares " + session_);
    if (!key) {
      return fail(Errc::kInput, fmt::format("the key of client {} is none", to));
    }
    parcels.push_back(
        {static_cast<std::uint8_t>(to),
         seal(*key, shares_text(seeds[to - 1], keys[to - 1]), parcel_label(session_, place, to))});
    wipe(seeds[to - 1]);
    wipe(keys[to - 1]);
  }
  roster_ = std::move(roster);
  place_ = place;
  threshold_ = threshold;
  next_ = Stage::kMasked;
  return parcels;
}

Result<Member::Held> Member::open(const Parcel& parcel) const {
  if (parcel.peer == place_ || parcel.peer > roster_.size()) {
    return fail(Errc::kInput,
                fmt::format("there is no client {} to have shares from", parcel.peer));
  }
  const auto key =
      agree(cipher_, roster_[parcel.peer - 1U].cipher, "marvel.secagg shares " + session_);
  const auto text =
      key ? unseal(*key, parcel.sealed, parcel_label(session_, parcel.peer, place_)) : std::nullopt;
  if (!text || text->size() != kSharesBytes) {
    return fail(Errc::kInput, fmt::format("the shares from client {} are damaged", parcel.peer));
  }
  Held held;
  std::memcpy(held.seed.data(), text->data(), held.seed.size());
  std::memcpy(held.mask_key.data(), text->data() + held.seed.size(), held.mask_key.size());
  return held;
}

Status Member::mask(const std::vector<Parcel>& parcels, std::span<std::uint64_t> numbers) {
  if (next_ != Stage::kMasked || parcels.size() + 1 < threshold_) {
    return fail(Errc::kInput,
                fmt::format("{} clients go on, {} are needed", parcels.size() + 1, threshold_));
  }
  for (const auto& parcel : parcels) {
    MARVEL_TRY(held_[parcel.peer], open(parcel));
  }
  add_mask(seed_, false, numbers);
  for (const auto& parcel : parcels) {
    auto seed = mask_seed(mask_, roster_[parcel.peer - 1U].mask, session_);
    if (!seed) {
      return fail(Errc::kInput, fmt::format("the key of client {} is none", parcel.peer));
    }
    add_mask(*seed, parcel.peer < place_, numbers);
    wipe(*seed);
  }
  next_ = Stage::kUnmask;
  return {};
}

Result<std::vector<Reveal>> Member::reveal(const std::vector<std::uint8_t>& survivors) {
  const auto survives = [&survivors](std::uint8_t place) {
    return std::binary_search(survivors.begin(), survivors.end(), place);
  };
  const bool known = std::all_of(survivors.begin(), survivors.end(),
                                 [this](std::uint8_t place) { return held_.contains(place); });
  if (next_ != Stage::kUnmask || !known || survivors.size() < threshold_ ||
      !survives(static_cast<std::uint8_t>(place_))) {
    return fail(Errc::kInput, "the server's list of survivors is not one of this secure sum");
  }
  std::vector<Reveal> reveals;
  for (const auto& [place, held] : held_) {
    const bool gone = !survives(place);
    reveals.push_back({place, gone, gone ? held.mask_key : held.seed});
  }
  next_ = Stage::kDone;
  return reveals;
}

}  // namespace marvel::federate::secure
