#include "vpn/node/nat_mapping.hpp"

#include <algorithm>
#include <set>

namespace marvel::vpn {
namespace {

std::vector<Observation> of_one_family(const std::vector<Observation>& all) {
  const bool ipv4 = std::any_of(all.begin(), all.end(),
                                [](const Observation& one) { return one.seen.is_ipv4(); });
  std::vector<Observation> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some), [ipv4](const Observation& one) {
    return !one.seen.empty() && one.seen.is_ipv4() == ipv4;
  });
  return some;
}

}  // namespace

std::string_view nat_mapping_name(NatMapping kind) {
  switch (kind) {
    case NatMapping::kOpen:
      return "open";
    case NatMapping::kCone:
      return "cone";
    case NatMapping::kSymmetric:
      return "symmetric";
    case NatMapping::kUnknown:
      break;
  }
  return "unknown";
}

NatFinding nat_mapping(const std::vector<Endpoint>& own, const std::vector<Observation>& all) {
  const auto seen = of_one_family(all);
  std::set<Block<16>> inside;
  std::set<Block<16>> outside;
  std::set<Endpoint> mapped;
  for (const Observation& one : seen) {
    const bool is_own = std::find(own.begin(), own.end(), one.seen) != own.end();
    (is_own ? inside : outside).insert(one.observer.address);
    if (!is_own) {
      mapped.insert(one.seen);
    }
  }
  if (outside.empty()) {
    return {inside.empty() ? NatMapping::kUnknown : NatMapping::kOpen, inside.size()};
  }
  if (mapped.size() > 1) {
    return {NatMapping::kSymmetric, outside.size()};
  }
  // One observer alone cannot tell, and two ports of one machine might get the same by chance of a
  // NAT that maps by address.
  return {outside.size() > 1 ? NatMapping::kCone : NatMapping::kUnknown, outside.size()};
}

}  // namespace marvel::vpn
