#include "deploy/scheduling/resources.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/scheduling/quantity.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

namespace marvel::scheduling {
namespace {

using kube::field;
using nlohmann::json;

std::int64_t saturating_sum(std::int64_t a, std::int64_t b) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return a > kMost - b ? kMost : a + b;
}

Result<Resources> container_requests(const json& container) {
  MARVEL_TRY(Resources requests, resources_from(field(container, {"resources", "requests"})));
  MARVEL_TRY(const Resources limits, resources_from(field(container, {"resources", "limits"})));
  requests.insert(limits.begin(), limits.end());  // keeps what is there
  return requests;
}

// Only these may be asked for by the pod as a whole.
bool pod_level(const std::string& resource) {
  return resource == "cpu" || resource == "memory" || resource.rfind("hugepages-", 0) == 0;
}

Status apply_pod_level(const json& pod_spec, Resources& sum) {
  MARVEL_TRY(const Resources requests, resources_from(field(pod_spec, {"resources", "requests"})));
  MARVEL_TRY(const Resources limits, resources_from(field(pod_spec, {"resources", "limits"})));
  for (const auto& [resource, amount] : requests) {
    if (pod_level(resource)) {
      sum[resource] = amount;
    }
  }
  for (const auto& [resource, amount] : limits) {
    if (pod_level(resource) && requests.count(resource) == 0 && sum.count(resource) == 0) {
      sum[resource] = amount;
    }
  }
  return {};
}

}  // namespace

void add(Resources& sum, const Resources& more) {
  for (const auto& [resource, amount] : more) {
    auto& total = sum[resource];
    total = saturating_sum(total, amount);
  }
}

void raise_to(Resources& floor, const Resources& other) {
  for (const auto& [resource, amount] : other) {
    auto& least = floor[resource];
    least = std::max(least, amount);
  }
}

Result<Resources> resources_from(const json& map) {
  Resources resources;
  if (!map.is_object()) {
    return resources;
  }
  for (const auto& [resource, amount] : map.items()) {
    const std::string text = amount.is_number() ? amount.dump() : kube::text_of(amount);
    auto quantity = Quantity::parse(text);
    if (!quantity) {
      quantity.error().context.push_back("resource " + resource);
      return fail(std::move(quantity).error());
    }
    resources[resource] = resource == "cpu" ? quantity->thousandths() : quantity->units();
  }
  return resources;
}

bool is_sidecar(const json& init_container) {
  return kube::text(init_container, {"restartPolicy"}) == "Always";
}

Result<Resources> pod_requests(const json& pod_spec) {
  Resources sum;
  for (const auto& container : field(pod_spec, {"containers"})) {
    MARVEL_TRY(const Resources requests, container_requests(container));
    add(sum, requests);
  }
  Resources sidecars;
  Resources start;  // the most that any moment of start-up needs
  for (const auto& container : field(pod_spec, {"initContainers"})) {
    MARVEL_TRY(Resources requests, container_requests(container));
    if (is_sidecar(container)) {
      add(sum, requests);
      add(sidecars, requests);
      raise_to(start, sidecars);
    } else {
      add(requests, sidecars);
      raise_to(start, requests);
    }
  }
  raise_to(sum, start);
  MARVEL_TRY_STATUS(apply_pod_level(pod_spec, sum));
  MARVEL_TRY(const Resources overhead, resources_from(field(pod_spec, {"overhead"})));
  add(sum, overhead);
  return sum;
}

}  // namespace marvel::scheduling
