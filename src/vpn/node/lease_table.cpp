#include "vpn/node/lease_table.hpp"

#include "base/text.hpp"

namespace marvel::vpn {

using Reason = Refused::Reason;

bool LeaseTable::reserve(const std::string& name, Ipv4 address) {
  if (!subnet_.is_host(address) || !reserved_for_.emplace(address, name).second) {
    return false;
  }
  reserved_[name] = address;
  return true;
}

bool LeaseTable::is_free(Ipv4 address, const PublicKey& key, const std::string& name) const {
  const auto leased = by_address_.find(address);
  const auto kept = reserved_for_.find(address);
  return subnet_.is_host(address) && (leased == by_address_.end() || leased->second == key) &&
         (kept == reserved_for_.end() || kept->second == name);
}

tl::expected<Ipv4, Reason> LeaseTable::choose(const PublicKey& key, const std::string& name,
                                              Ipv4 wanted) const {
  if (wanted != 0) {
    return is_free(wanted, key, name) ? tl::expected<Ipv4, Reason>(wanted)
                                      : tl::unexpected(Reason::kAddressTaken);
  }
  if (const auto kept = reserved_.find(name); kept != reserved_.end()) {
    return is_free(kept->second, key, name) ? tl::expected<Ipv4, Reason>(kept->second)
                                            : tl::unexpected(Reason::kAddressTaken);
  }
  const auto old = entries_.find(key);
  if (old != entries_.end() && is_free(old->second.address, key, name)) {
    return old->second.address;
  }
  const std::uint32_t hosts = subnet_.hosts();
  const auto start = load_le<std::uint32_t>(blake2b_128({key}).data());
  for (std::uint32_t step = 0; step < hosts; ++step) {
    const Ipv4 address = subnet_.base + 1 + (start + step) % hosts;
    if (is_free(address, key, name)) {
      return address;
    }
    if (step > by_address_.size() + reserved_for_.size()) {
      break;  // more tries than addresses in use
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
