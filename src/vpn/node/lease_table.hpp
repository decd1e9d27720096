#pragma once

#include "base/result.hpp"
#include "vpn/constants.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/wire/control.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace marvel::vpn {

// Which node of a community has which address. A lease belongs to a public key and stays with it: a
// node that comes back has its old address. Where a node is new, its address follows from its key,
// so that super nodes that have never talked mostly choose the same one.
//
//   LeaseTable table(subnet);
//   table.parse(text_of_file, unix_ns_at_zero);    // what was leased before
//   table.reserve({{"camera", address}});
//   const auto address = table.lease(now, key, name, 0, connected);
//   if (table.version() != saved) { write(table.text(unix_ns_at_zero)); }
//
// Leases do not expire: a key that is not connected gives its own up only when all that another
// could have are leased, or when it is kept for another's name or certificate. One that was read
// keeps it for kClientSilence from the first call of lease() on: its node has not had the time to
// come back to a super node that was restarted. No two keys have one
// address, and none has one outside of the subnet. A lookup costs a logarithm of the leases, a new
// address at most a walk over them. One thread.
class LeaseTable {
 public:
  explicit LeaseTable(const Subnet& subnet) : subnet_(subnet) {}

  // `name` is what the node was called when it registered last.
  struct Entry {
    Ipv4 address = 0;
    std::string name;
    std::optional<Time> seen;  // when it registered last; nothing: longer ago than was written down
    bool came_back = false;    // in this run of the super node
  };

  // Keeps these addresses for the nodes of these names, and no others. kUsage, and all stays as it
  // was, when one of them is no address of the subnet, or an address or a name stands twice. A node
  // that has another address now gets the reserved one when it registers next (see lease()).
  Status reserve(const std::vector<std::pair<std::string, Ipv4>>& reservations);

  // Whether a key's node is connected now: only who is not may lose a lease. Called from lease().
  using Connected = std::function<bool(const PublicKey&)>;
  // The address for `key`: `wanted` if it is not 0, else the reserved one, its old one, or a new
  // one; always one of `allowed`, where that is not empty. From a key that is not connected an
  // address is taken over when it is reserved for this name or the only one allowed (the node has
  // a new key), and the one that is away longest gives way when all that could be had are leased.
  // A refused wish changes nothing.
  //
  // kAddressTaken: this address is not to be had, while with no wish there may be another one. That
  // is so, too, when another one is reserved for the name and could be had, or when the wish is
  // outside of `allowed`: a node that only wishes for what it had before asks again without.
  tl::expected<Ipv4, Refused::Reason> lease(Time now, const PublicKey& key, const std::string& name,
                                            Ipv4 wanted, const Connected& connected,
                                            const std::vector<Subnet>& allowed = {});

  // It never changes: a community with another one is another table.
  [[nodiscard]] const Subnet& subnet() const { return subnet_; }
  [[nodiscard]] const std::map<PublicKey, Entry>& entries() const { return entries_; }
  // Counts changes, so that the caller knows when to write it down. parse() does not count; nodes
  // that come back to their own addresses count once an hour, all together.
  [[nodiscard]] std::uint64_t version() const { return version_; }

  // One line per lease, "ADDRESS KEY NAME SECONDS", in the order of keys. SECONDS since 1970 are
  // when its node registered last, and missing where that is not known. `unix_ns_at_zero`: the
  // calendar at Time 0.
  [[nodiscard]] std::string text(std::uint64_t unix_ns_at_zero = 0) const;
  // Replaces the leases by those in `text`. kInput names the first line that is wrong, and the
  // leases in front of it are there then; leases of another subnet are left out without a word,
  // because the subnet of a community may change, and so is a second line of the same key or
  // address.
  Status parse(std::string_view text, std::uint64_t unix_ns_at_zero = 0);

 private:
  // The steps of lease(): what is to be had without taking anything from anybody, and of that a new
  // address. Neither changes anything.
  [[nodiscard]] tl::expected<Ipv4, Refused::Reason> choose(
      const PublicKey& key, const std::string& name, Ipv4 wanted,
      const std::vector<Subnet>& allowed) const;
  [[nodiscard]] tl::expected<Ipv4, Refused::Reason> choose_new(
      const PublicKey& key, const std::string& name, const std::vector<Subnet>& ranges) const;
  // The one address that nobody else may have: reserved for the name, or the only one allowed. 0:
  // none.
  [[nodiscard]] Ipv4 entitled(const std::string& name, const std::vector<Subnet>& allowed) const;
  // Those of `allowed` that lie in the subnet, or else the subnet itself.
  [[nodiscard]] std::vector<Subnet> ranges_of(const std::vector<Subnet>& allowed) const;
  // Whether the node of this name may have it once nobody else has.
  [[nodiscard]] bool may_have(Ipv4 address, const std::string& name) const;
  [[nodiscard]] bool is_free(Ipv4 address, const PublicKey& key, const std::string& name) const;
  // Whether its node cannot be connected: it is not, and had the time to come back.
  [[nodiscard]] bool is_away(Time now, const PublicKey& key, const Connected& connected) const;
  // Whether a node wishes for another address than its own one (entitled()), which it could have.
  [[nodiscard]] bool has_better(Time now, const PublicKey& key, const std::string& name,
                                Ipv4 wanted, const std::vector<Subnet>& allowed,
                                const Connected& connected) const;
  // Who gives way to a wish that was refused for this reason; null: nobody.
  [[nodiscard]] const PublicKey* to_replace(Time now, Refused::Reason reason,
                                            const std::string& name, Ipv4 wanted,
                                            const std::vector<Subnet>& allowed,
                                            const Connected& connected) const;
  // Of the leases that would do, the one whose node was seen longest ago and is not connected.
  [[nodiscard]] const PublicKey* longest_away(Time now, const std::string& name,
                                              const std::vector<Subnet>& ranges,
                                              const Connected& connected) const;
  void put(Time now, const PublicKey& key, const std::string& name, Ipv4 address);

  Subnet subnet_;
  std::map<PublicKey, Entry> entries_;
  std::map<Ipv4, PublicKey> by_address_;
  // The reservations, both ways.
  std::map<std::string, Ipv4> reserved_;
  std::map<Ipv4, std::string> reserved_for_;
  std::uint64_t version_ = 0;
  std::optional<Time> began_;  // the first call of lease()
  Time dated_{};               // when `seen` alone last was a change
};

}  // namespace marvel::vpn
