// Words and files that people write: places, networks, rules, keys, n2n's communities, patterns and
// users. Any bytes are refused or mean what is written.
#include "fuzz/check.hpp"
#include "vpn/identity/key_file.hpp"
#include "vpn/n2n/communities.hpp"
#include "vpn/node/access_list.hpp"
#include "vpn/wire/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace marvel::vpn;

void check_places(const std::string& text) {
  if (const auto place = parse_host_port(text)) {
    FUZZ_LAW(place->port > 0 && place->host.size() < text.size());
    const auto again = parse_host_port("[" + place->host + "]:" + std::to_string(place->port));
    FUZZ_LAW(again && again->port == place->port);
    FUZZ_LAW(place->host.empty() || again->host == place->host);
  }
  if (const auto address = parse_ipv4(text)) {
    FUZZ_LAW(parse_ipv4(ipv4_text(*address)) == address);
  }
  if (const auto network = parse_subnet(text)) {
    FUZZ_LAW(parse_subnet(network->text()) == network);
    FUZZ_LAW(!network->is_host(network->base) && network->contains(network->base));
  }
  if (const auto rule = parse_access_rule(text)) {
    FUZZ_LAW(!rule->group.empty() && text.starts_with(rule->group));
  }
}

void check_keys(const std::string& text) {
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kAuthority, KeyKind::kSupernode}) {
    if (const auto key = parse_key(text, kind, "it")) {
      FUZZ_LAW(text.size() > 64 && hex(key->bytes).size() == 64);
    }
  }
  if (const auto key = n2n::parse_key_text(text)) {
    FUZZ_LAW(n2n::parse_key_text(n2n::key_text(*key)) == key);
  }
}

void check_communities(const std::string& text) {
  const auto list = n2n::parse_communities(text, "it");
  if (!list) {
    return;
  }
  for (const auto& one : list->communities) {
    FUZZ_LAW(!one.name.empty() && !n2n::Pattern::is_pattern(one.name));
    for (const auto& user : one.users) {
      FUZZ_LAW(user.name.size() <= n2n::kLongestUser);
    }
    if (!list->patterns.empty()) {
      static_cast<void>(list->patterns.front().matches(one.name));
    }
  }
}

// The first line as a pattern, the rest as a name.
void check_pattern(const std::string& text) {
  const auto end = text.find('\n');
  if (end == std::string::npos) {
    return;
  }
  const std::string first = text.substr(0, end);
  const std::string name = text.substr(end + 1);
  const auto pattern = n2n::Pattern::parse(first);
  if (pattern && !n2n::Pattern::is_pattern(first) && !first.starts_with('^') &&
      !first.ends_with('$')) {
    FUZZ_LAW(pattern->matches(name) == (first == name));
  } else if (pattern) {
    static_cast<void>(pattern->matches(name));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = text_of({data, size});
  check_places(text);
  check_keys(text);
  check_communities(text);
  check_pattern(text);
  return 0;
}
