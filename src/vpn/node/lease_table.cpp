#include "vpn/node/lease_table.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace marvel::vpn {

using Reason = Refused::Reason;
namespace {

bool is_in(const std::vector<Subnet>& ranges, Ipv4 address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [address](const Subnet& one) { return one.contains(address); });
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
  auto address = choose(key, name, wanted, allowed);
  if (!address) {
    const PublicKey* const other = to_replace(address.error(), name, wanted, allowed, connected);
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

const PublicKey* LeaseTable::to_replace(Reason reason, const std::string& name, Ipv4 wanted,
                                        const std::vector<Subnet>& allowed,
                                        const Connected& connected) const {
  if (reason == Reason::kNoAddress) {
    return longest_away(name, ranges_of(allowed), connected);
  }
  const Ipv4 own = entitled(name, allowed);
  const auto holder = by_address_.find(own);
  const bool gives_way = reason == Reason::kAddressTaken && (wanted == 0 || wanted == own) &&
                         may_have(own, name) && holder != by_address_.end() &&
                         !connected(holder->second);
  return gives_way ? &holder->second : nullptr;
}

const PublicKey* LeaseTable::longest_away(const std::string& name,
                                          const std::vector<Subnet>& ranges,
                                          const Connected& connected) const {
  const PublicKey* oldest = nullptr;
  Time seen{};
  for (const auto& [key, entry] : entries_) {
    const bool fits = is_in(ranges, entry.address) && may_have(entry.address, name);
    if (fits && (oldest == nullptr || entry.seen < seen) && !connected(key)) {
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
  const auto is_allowed = [&allowed](Ipv4 address) {
    return allowed.empty() || is_in(allowed, address);
  };
  const Ipv4 fixed = wanted != 0 ? wanted : entitled(name, allowed);
  if (fixed != 0) {
    if (!is_allowed(fixed)) {
      return tl::unexpected(Reason::kNotAllowed);
    }
    return is_free(fixed, key, name) ? tl::expected<Ipv4, Reason>(fixed)
                                     : tl::unexpected(Reason::kAddressTaken);
  }
  const auto old = entries_.find(key);
  if (old != entries_.end() && is_allowed(old->second.address) &&
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
}

std::string LeaseTable::text() const {
  std::string lines;
  for (const auto& [key, entry] : entries_) {
    lines += ipv4_text(entry.address) + " " + hex(key) + " " + entry.name + "\n";
  }
  return lines;
}

Status LeaseTable::parse(std::string_view text) {
  entries_.clear();
  by_address_.clear();
  std::size_t number = 0;
  for (const auto& line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) {
      continue;
    }
    const auto words = split(line, ' ');
    PublicKey key{};
    const auto address = words.size() == 3 ? parse_ipv4(words[0]) : std::nullopt;
    if (!address || !unhex(words[1], key) || !is_node_name(words[2])) {
      return fail(Errc::kInput, "line " + std::to_string(number) + " is no lease",
                  "lines are ADDRESS KEY NAME");
    }
    // Of two lines with one key or one address the first counts.
    if (subnet_.is_host(*address) && !entries_.contains(key) &&
        by_address_.emplace(*address, key).second) {
      entries_[key] = {*address, words[2], {}};
    }
  }
  return {};
}

}  // namespace marvel::vpn
