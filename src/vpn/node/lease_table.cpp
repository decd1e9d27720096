#include "vpn/node/lease_table.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace marvel::vpn {

using Reason = Refused::Reason;
namespace {

constexpr Duration kDatedAgain = std::chrono::hours(1);
constexpr std::int64_t kSecond = 1'000'000'000;         // nanoseconds
constexpr std::uint64_t kLatestSecond = 9'000'000'000;  // since 1970; as nanoseconds it is a Time

bool is_in(const std::vector<Subnet>& ranges, Ipv4 address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [address](const Subnet& one) { return one.contains(address); });
}

bool is_allowed(const std::vector<Subnet>& allowed, Ipv4 address) {
  return allowed.empty() || is_in(allowed, address);
}

// Nothing for another form. Files of earlier versions have no seconds.
std::optional<std::pair<PublicKey, LeaseTable::Entry>> parse_lease(std::string_view line,
                                                                   std::uint64_t unix_ns_at_zero) {
  constexpr std::size_t kDated = 4;  // words
  const auto words = split(line, ' ');
  const bool dated = words.size() == kDated;
  PublicKey key{};
  const auto address = dated || words.size() + 1 == kDated ? parse_ipv4(words[0]) : std::nullopt;
  if (!address || !unhex(words[1], key) || !is_node_name(words[2])) {
    return std::nullopt;
  }
  LeaseTable::Entry entry{*address, words[2], std::nullopt, false};
  if (dated) {
    const auto when = parse_unsigned(words[3]);
    if (!when || *when > kLatestSecond) {
      return std::nullopt;
    }
    entry.seen = Time(static_cast<std::int64_t>(*when) * kSecond -
                      static_cast<std::int64_t>(unix_ns_at_zero));
  }
  return std::pair(key, entry);
}

}  // namespace

Status LeaseTable::reserve(const std::vector<std::pair<std::string, Ipv4>>& reservations) {
  std::map<std::string, Ipv4> by_name;
  std::map<Ipv4, std::string> by_address;
  for (const auto& [name, address] : reservations) {
    const std::string text = name + "=" + ipv4_text(address);
    if (!subnet_.is_host(address)) {
      return fail(Errc::kUsage, text + " is outside of the community's network");
    }
    if (!by_name.emplace(name, address).second || !by_address.emplace(address, name).second) {
      return fail(Errc::kUsage, text + ": that name or address is reserved already");
    }
  }
  reserved_ = std::move(by_name);
  reserved_for_ = std::move(by_address);
  return {};
}

bool LeaseTable::may_have(Ipv4 address, const std::string& name) const {
  const auto kept = reserved_for_.find(address);
  return subnet_.is_host(address) && (kept == reserved_for_.end() || kept->second == name);
}

bool LeaseTable::is_free(Ipv4 address, const PublicKey& key, const std::string& name) const {
  const auto leased = by_address_.find(address);
  return may_have(address, name) && (leased == by_address_.end() || leased->second == key);
}

tl::expected<Ipv4, Reason> LeaseTable::lease(Time now, const PublicKey& key,
                                             const std::string& name, Ipv4 wanted,
                                             const Connected& connected,
                                             const std::vector<Subnet>& allowed) {
  began_ = began_.value_or(now);
  if (has_better(now, key, name, wanted, allowed, connected)) {
    return tl::unexpected(Reason::kAddressTaken);
  }
  auto address = choose(key, name, wanted, allowed);
  if (!address) {
    const PublicKey* const other =
        to_replace(now, address.error(), name, wanted, allowed, connected);
    if (other == nullptr) {
      return address;
    }
    const auto given_up = entries_.find(*other);
    address = given_up->second.address;
    by_address_.erase(*address);
    entries_.erase(given_up);
  }
  put(now, key, name, *address);
  return address;
}

bool LeaseTable::is_away(Time now, const PublicKey& key, const Connected& connected) const {
  const auto entry = entries_.find(key);
  const bool may_come = entry != entries_.end() && !entry->second.came_back &&
                        now - began_.value_or(now) < kClientSilence;
  return !may_come && !connected(key);
}

bool LeaseTable::has_better(Time now, const PublicKey& key, const std::string& name, Ipv4 wanted,
                            const std::vector<Subnet>& allowed, const Connected& connected) const {
  const Ipv4 own = entitled(name, allowed);
  if (wanted == 0 || own == 0 || wanted == own || !is_allowed(allowed, own)) {
    return false;
  }
  const auto holder = by_address_.find(own);
  return is_free(own, key, name) || (may_have(own, name) && holder != by_address_.end() &&
                                     is_away(now, holder->second, connected));
}

const PublicKey* LeaseTable::to_replace(Time now, Reason reason, const std::string& name,
                                        Ipv4 wanted, const std::vector<Subnet>& allowed,
                                        const Connected& connected) const {
  if (reason == Reason::kNoAddress) {
    return longest_away(now, name, ranges_of(allowed), connected);
  }
  const Ipv4 own = entitled(name, allowed);
  const auto holder = by_address_.find(own);
  const bool gives_way = reason == Reason::kAddressTaken && (wanted == 0 || wanted == own) &&
                         may_have(own, name) && holder != by_address_.end() &&
                         is_away(now, holder->second, connected);
  return gives_way ? &holder->second : nullptr;
}

const PublicKey* LeaseTable::longest_away(Time now, const std::string& name,
                                          const std::vector<Subnet>& ranges,
                                          const Connected& connected) const {
  const PublicKey* oldest = nullptr;
  std::optional<Time> seen;
  for (const auto& [key, entry] : entries_) {
    const bool fits = is_in(ranges, entry.address) && may_have(entry.address, name);
    if (fits && (oldest == nullptr || entry.seen < seen) && is_away(now, key, connected)) {
      oldest = &key;
      seen = entry.seen;
    }
  }
  return oldest;
}

std::vector<Subnet> LeaseTable::ranges_of(const std::vector<Subnet>& allowed) const {
  if (allowed.empty()) {
    return {subnet_};
  }
  std::vector<Subnet> ranges;
  for (const Subnet& one : allowed) {
    if (one.bits >= subnet_.bits ? subnet_.contains(one.base) : one.contains(subnet_.base)) {
      ranges.push_back(one.bits >= subnet_.bits ? one : subnet_);
    }
  }
  return ranges;
}

Ipv4 LeaseTable::entitled(const std::string& name, const std::vector<Subnet>& allowed) const {
  constexpr unsigned kSingle = 32;
  if (const auto kept = reserved_.find(name); kept != reserved_.end()) {
    return kept->second;
  }
  return allowed.size() == 1 && allowed[0].bits == kSingle ? allowed[0].base : 0;
}

tl::expected<Ipv4, Reason> LeaseTable::choose(const PublicKey& key, const std::string& name,
                                              Ipv4 wanted,
                                              const std::vector<Subnet>& allowed) const {
  const Ipv4 own = entitled(name, allowed);
  const Ipv4 fixed = wanted != 0 ? wanted : own;
  if (fixed != 0) {
    if (!is_allowed(allowed, fixed)) {
      // What the node wishes for need not be all that it could have.
      return tl::unexpected(fixed == own ? Reason::kNotAllowed : Reason::kAddressTaken);
    }
    return is_free(fixed, key, name) ? tl::expected<Ipv4, Reason>(fixed)
                                     : tl::unexpected(Reason::kAddressTaken);
  }
  const auto old = entries_.find(key);
  if (old != entries_.end() && is_allowed(allowed, old->second.address) &&
      is_free(old->second.address, key, name)) {
    return old->second.address;
  }
  const auto ranges = ranges_of(allowed);
  return ranges.empty() ? tl::unexpected(Reason::kNotAllowed) : choose_new(key, name, ranges);
}

tl::expected<Ipv4, Reason> LeaseTable::choose_new(const PublicKey& key, const std::string& name,
                                                  const std::vector<Subnet>& ranges) const {
  const auto start = load_le<std::uint32_t>(blake2b_128({key}).data());
  constexpr std::size_t kNoHosts = 2;  // the network's own address and its broadcast
  for (const Subnet& range : ranges) {
    const std::uint64_t size = std::uint64_t{~range.mask()} + 1;
    // More tries than addresses in use find none that is free.
    const std::uint64_t tries =
        std::min<std::uint64_t>(size, by_address_.size() + reserved_for_.size() + kNoHosts + 1);
    for (std::uint64_t step = 0; step < tries; ++step) {
      const auto address = static_cast<Ipv4>(range.base + (start + step) % size);
      if (is_free(address, key, name)) {
        return address;
      }
    }
  }
  return tl::unexpected(Reason::kNoAddress);
}

void LeaseTable::put(Time now, const PublicKey& key, const std::string& name, Ipv4 address) {
  Entry& entry = entries_[key];
  if (entry.address != address || entry.name != name) {
    by_address_.erase(entry.address);
    by_address_[address] = key;
    entry.address = address;
    entry.name = name;
    ++version_;
  }
  entry.seen = now;
  entry.came_back = true;
  if (now - dated_ >= kDatedAgain) {
    dated_ = now;
    ++version_;
  }
}

std::string LeaseTable::text(std::uint64_t unix_ns_at_zero) const {
  std::string lines;
  for (const auto& [key, entry] : entries_) {
    lines += ipv4_text(entry.address) + " " + hex(key) + " " + entry.name;
    if (entry.seen) {
      const auto when = static_cast<std::int64_t>(unix_ns_at_zero) + entry.seen->count();
      lines += " " + std::to_string(std::max<std::int64_t>(when, 0) / kSecond);
    }
    lines += "\n";
  }
  return lines;
}

Status LeaseTable::parse(std::string_view text, std::uint64_t unix_ns_at_zero) {
  entries_.clear();
  by_address_.clear();
  std::size_t number = 0;
  for (const auto& line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) {
      continue;
    }
    const auto lease = parse_lease(line, unix_ns_at_zero);
    if (!lease) {
      return fail(Errc::kInput, "line " + std::to_string(number) + " is no lease",
                  "lines are ADDRESS KEY NAME, and SECONDS since 1970 where they are known");
    }
    // Of two lines with one key or one address the first counts.
    const auto& [key, entry] = *lease;
    if (subnet_.is_host(entry.address) && !entries_.contains(key) &&
        by_address_.emplace(entry.address, key).second) {
      entries_[key] = entry;
    }
  }
  return {};
}

}  // namespace marvel::vpn
