#include "vpn/node/lease_table.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace marvel::vpn {

using Reason = Refused::Reason;

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

bool LeaseTable::is_free(Ipv4 address, const PublicKey& key, const std::string& name) const {
  const auto leased = by_address_.find(address);
  const auto kept = reserved_for_.find(address);
  return subnet_.is_host(address) && (leased == by_address_.end() || leased->second == key) &&
         (kept == reserved_for_.end() || kept->second == name);
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
  const auto may_have = [&allowed](Ipv4 address) {
    return allowed.empty() || std::any_of(allowed.begin(), allowed.end(),
                                          [&](const Subnet& one) { return one.contains(address); });
  };
  const Ipv4 fixed = wanted != 0 ? wanted : entitled(name, allowed);
  if (fixed != 0) {
    if (!may_have(fixed)) {
      return tl::unexpected(Reason::kNotAllowed);
    }
    return is_free(fixed, key, name) ? tl::expected<Ipv4, Reason>(fixed)
                                     : tl::unexpected(Reason::kAddressTaken);
  }
  const auto old = entries_.find(key);
  if (old != entries_.end() && may_have(old->second.address) &&
      is_free(old->second.address, key, name)) {
    return old->second.address;
  }
  return choose_new(key, name, allowed.empty() ? std::vector<Subnet>{subnet_} : allowed);
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
    if (subnet_.is_host(*address) && by_address_.emplace(*address, key).second) {
      entries_[key] = {*address, words[2], {}};
    }
  }
  return {};
}

}  // namespace marvel::vpn
