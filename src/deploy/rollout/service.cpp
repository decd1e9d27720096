#include "deploy/rollout/service.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/packed.hpp"
#include "net/sha256.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr const char* kDigest = "digest";  // keys of the parent's data
constexpr const char* kWanted = "wanted";
constexpr const char* kHidden = "hidden";
constexpr std::size_t kLargestPart = 64U << 20U;  // unpacked
constexpr const char* kChanging = "changing";
constexpr std::size_t kLongestName = 50;  // room for "marvel-" and ".v123" in 63

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (const auto& word : split(list, ',')) {
    if (!word.empty()) {
      words.push_back(word);
    }
  }
  return words;
}

int digit_of(char hexadecimal) {
  return hexadecimal <= '9' ? hexadecimal - '0' : hexadecimal - 'a' + 10;
}

json names_json(const std::vector<ObjectName>& names) {
  json list = json::array();
  for (const auto& one : names) {
    list.push_back({{"apiVersion", one.api_version},
                    {"kind", one.kind},
                    {"namespace", one.space},
                    {"name", one.name}});
  }
  return list;
}

std::string pack(const json& value) {
  return base64_encode(gzip(kube::json_text(value)));
}

// A part of the parent's data; null where it is absent or damaged.
json data_part(const json& parent, const char* key) {
  const auto packed = base64_decode(text(parent, {"data", key}));
  const auto plain = packed ? gunzip(*packed, kLargestPart) : packed;
  auto part = plain ? kube::parse_json(*plain, key) : Result<json>(json());
  return part ? std::move(*part) : json();
}

void read_noted(const json& parent, Inventory& inventory) {
  const json names = data_part(parent, kWanted);
  const json places = data_part(parent, kHidden);
  if (!names.is_array() || !places.is_object()) {
    return;
  }
  inventory.wanted.emplace();
  for (const json& one : names) {
    inventory.wanted->push_back({text(one, {"apiVersion"}), text(one, {"kind"}),
                                 text(one, {"namespace"}), text(one, {"name"})});
  }
  for (const auto& [object, hidden] : places.items()) {
    inventory.hidden[object] = kube::text_map(hidden, {});
  }
}

}  // namespace

Result<std::string> applyset_id(std::string_view name, std::string_view space,
                                std::string_view kind, std::string_view group) {
  std::string text(name);
  for (const auto part : {space, kind, group}) {
    text += "." + std::string(part);
  }
  MARVEL_TRY(const std::string hex, net::sha256_hex(text));
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit_of(hex[i]) * 16 + digit_of(hex[i + 1]));
  }
  return "applyset-" + base64_url_encode(bytes) + "-v1";
}

std::string parent_name(const std::string& service) {
  return "marvel-" + service;
}

Result<Inventory> new_inventory(const std::string& service, const std::string& space,
                                const std::string& origin) {
  Inventory inventory;
  inventory.name = service;
  inventory.space = space;
  inventory.origin = origin;
  MARVEL_TRY(inventory.id, applyset_id(parent_name(service), space, "Secret", ""));
  return inventory;
}

Status check_service_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
  };
  if (name.empty() || name.size() > kLongestName || name.front() == '-' || name.back() == '-' ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    return fail({Errc::kUsage,
                 "'" + name + "' cannot name a service",
                 "use at most 50 of a-z, 0-9 and '-', as in --name grn-vad",
                 {},
                 "value_invalid"});
  }
  return {};
}

json parent_object(const Inventory& inventory) {
  json labels = {{kIdLabel, inventory.id}, {kServiceLabel, inventory.name}};
  if (!inventory.origin.empty()) {
    labels[kTemplateLabel] = inventory.origin;
  }
  json annotations = {{kToolingAnnotation, "marvel/" + std::string(version_number())},
                      {kKindsAnnotation, join(inventory.kinds, ",")},
                      {kRevisionAnnotation, std::to_string(inventory.revision)},
                      {kStateAnnotation, inventory.unfinished ? kChanging : "settled"}};
  if (!inventory.spaces.empty()) {
    annotations[kSpacesAnnotation] = join(inventory.spaces, ",");
  }
  json parent = {{"apiVersion", "v1"},
                 {"kind", "Secret"},
                 {"type", "marvel/service"},
                 {"metadata",
                  {{"name", parent_name(inventory.name)},
                   {"namespace", inventory.space},
                   {"labels", labels},
                   {"annotations", annotations}}}};
  if (!inventory.digest.empty()) {
    // Not an annotation: guesses at a secret could be tried against it.
    parent["data"][kDigest] = base64_encode(inventory.digest);
  }
  if (inventory.wanted) {
    parent["data"][kWanted] = pack(names_json(*inventory.wanted));
    parent["data"][kHidden] = pack(json(inventory.hidden));
  }
  return parent;
}

Result<Inventory> inventory_from(const json& parent) {
  const json& metadata = kube::field(parent, {"metadata"});
  MARVEL_TRY(Inventory inventory,
             new_inventory(text(metadata, {"labels", kServiceLabel}), text(metadata, {"namespace"}),
                           text(metadata, {"labels", kTemplateLabel})));
  const std::string name = text(metadata, {"name"});
  const std::string tooling = text(metadata, {"annotations", kToolingAnnotation});
  if (tooling.rfind("marvel/", 0) != 0 || name != parent_name(inventory.name)) {
    return fail(Errc::kConflict,
                "Secret " + inventory.space + "/" + name + " belongs to '" +
                    (tooling.empty() ? "nobody we know" : tooling) + "', not to marvel",
                "choose another --name");
  }
  if (text(metadata, {"labels", kIdLabel}) != inventory.id) {
    return fail(Errc::kConflict,
                "Secret " + inventory.space + "/" + name + " carries the id of another set",
                "it was copied or changed by hand; delete it, or choose another --name");
  }
  inventory.kinds = words_of(text(metadata, {"annotations", kKindsAnnotation}));
  inventory.spaces = words_of(text(metadata, {"annotations", kSpacesAnnotation}));
  inventory.digest = base64_decode(text(parent, {"data", kDigest})).value_or("");
  read_noted(parent, inventory);
  inventory.unfinished = text(metadata, {"annotations", kStateAnnotation}) == kChanging;
  const auto revision = parse_integer(text(metadata, {"annotations", kRevisionAnnotation}));
  inventory.revision =
      revision && *revision > 0 && *revision < 1'000'000 ? static_cast<int>(*revision) : 0;
  return inventory;
}

}  // namespace marvel::rollout
