#pragma once

#include "base/result.hpp"
#include "vpn/constants.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/wire/control.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace marvel::vpn {

// Which node of a community has which address. A lease belongs to a public key and stays with it: a
// node that comes back has its old address. Where a node is new, its address follows from its key,
// so that super nodes that have never talked mostly choose the same one.
//
//   LeaseTable table(subnet);
//   table.parse(text_of_file);                     // what was leased before
//   table.reserve({{"camera", address}});
//   const auto address = table.lease(now, key, name, 0, connected);
//   if (table.version() != saved) { write(table.text()); }
//
// Leases do not expire: a key that is not connected gives its own up only when all that another
// could have are leased, or when it is kept for another's name or certificate. No two keys have one
// address, and none has one outside of the subnet. A lookup costs a logarithm of the leases, a new
// address at most a walk over them. One thread.
class LeaseTable {
 public:
  explicit LeaseTable(const Subnet& subnet) : subnet_(subnet) {}

  // `name` is what the node was called when it registered last.
  struct Entry {
    Ipv4 address = 0;
    std::string name;
    Time seen{};  // in this run of the super node
  };

  // Keeps these addresses for the nodes of these names, and no others. kUsage, and all stays as it
  // was, when one of them is no address of the subnet, or an address or a name stands twice. A node
  // that has another address now gets the reserved one when it registers next.
  Status reserve(const std::vector<std::pair<std::string, Ipv4>>& reservations);

  // Whether a key's node is connected now: only who is not may lose a lease. Called from lease().
  using Connected = std::function<bool(const PublicKey&)>;
  // The address for `key`: `wanted` if it is not 0, else the reserved one, its old one, or a new
  // one; always one of `allowed`, where that is not empty. From a key that is not connected an
  // address is taken over when it is reserved for this name or the only one allowed (the node has
  // a new key), and the one that is away longest gives way when all that could be had are leased.
  // A refused wish changes nothing.
  tl::expected<Ipv4, Refused::Reason> lease(Time now, const PublicKey& key, const std::string& name,
                                            Ipv4 wanted, const Connected& connected,
                                            const std::vector<Subnet>& allowed = {});

  // It never changes: a community with another one is another table.
  [[nodiscard]] const Subnet& subnet() const { return subnet_; }
  [[nodiscard]] const std::map<PublicKey, Entry>& entries() const { return entries_; }
  // Counts changes, so that the caller knows when to write it down. Neither parse() nor a node that
  // comes back to its own address counts.
  [[nodiscard]] std::uint64_t version() const { return version_; }

  // One line per lease, "ADDRESS KEY NAME", in the order of keys.
  [[nodiscard]] std::string text() const;
  // Replaces the leases by those in `text`. kInput names the first line that is wrong, and the
  // leases in front of it are there then; leases of another subnet are left out without a word,
  // because the subnet of a community may change, and so is a second line of the same key or
  // address.
  Status parse(std::string_view text);

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
  // Who gives way to a wish that was refused for this reason; null: nobody.
  [[nodiscard]] const PublicKey* to_replace(Refused::Reason reason, const std::string& name,
                                            Ipv4 wanted, const std::vector<Subnet>& allowed,
                                            const Connected& connected) const;
  // Of the leases that would do, the one whose node was seen longest ago and is not connected.
  [[nodiscard]] const PublicKey* longest_away(const std::string& name,
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
};

}  // namespace marvel::vpn
