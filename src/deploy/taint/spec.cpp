// The grammar is that of kubectl 1.20 to 1.37 (pkg/cmd/taint/utils.go), told in its own words.
#include "deploy/taint/spec.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace marvel::taint {
namespace {

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLongestPrefix = 253;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_lower_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && is_letter_or_digit(text.front()) &&
         is_letter_or_digit(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

// Labels of [a-z0-9]([-a-z0-9]*[a-z0-9])?, joined by points.
bool is_subdomain(std::string_view text) {
  if (text.empty() || text.size() > kLongestPrefix) {
    return false;
  }
  const auto parts = split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return !part.empty() && is_lower_or_digit(part.front()) && is_lower_or_digit(part.back()) &&
           std::all_of(part.begin(), part.end(),
                       [](char c) { return is_lower_or_digit(c) || c == '-'; });
  });
}

bool is_spec(const std::string& word) {
  return word.find_first_of("=:") != std::string::npos || (!word.empty() && word.back() == '-');
}

tl::unexpected<Error> refuse(const std::string& spec, const std::string& why) {
  return fail(Errc::kUsage, "invalid taint spec: " + spec + ": " + why,
              "write key=value:Effect to add, key:Effect- or key- to remove");
}

struct Parts {
  std::string key, value, effect;
};

Result<Parts> take_apart(const std::string& spec) {
  Parts parts;
  std::string_view left = spec;
  if (const auto colon = left.find(':'); colon != std::string_view::npos) {
    parts.effect = left.substr(colon + 1);
    left = left.substr(0, colon);
    if (!is_effect(parts.effect)) {
      return refuse(
          spec, "'" + parts.effect + "' is no effect (NoSchedule, PreferNoSchedule, NoExecute)");
    }
  }
  if (const auto equals = left.find('='); equals != std::string_view::npos) {
    parts.value = left.substr(equals + 1);
    left = left.substr(0, equals);
  }
  parts.key = left;
  if (!is_qualified_name(parts.key)) {
    return refuse(spec, "'" + parts.key +
                            "' is no key: letters, digits, '-', '_' and '.', at most "
                            "63, after an optional DNS prefix and '/'");
  }
  return parts;
}

Status add_removal(const std::string& word, Request& request) {
  MARVEL_TRY(const Parts parts, take_apart(word.substr(0, word.size() - 1)));
  request.remove.push_back({parts.key, parts.effect});
  return {};
}

Status add_addition(const std::string& word, Request& request) {
  MARVEL_TRY(Taint taint, parse_taint(word));
  const bool twice = std::any_of(request.add.begin(), request.add.end(),
                                 [&](const Taint& other) { return same_identity(other, taint); });
  if (twice) {
    return refuse(word, "duplicated taints with the same key and effect: " + to_string(taint));
  }
  request.add.push_back(std::move(taint));
  return {};
}

Status check_contradictions(const Request& request) {
  for (const Taint& taint : request.add) {
    for (const Removal& removal : request.remove) {
      if (removal.key == taint.key && (removal.effect.empty() || removal.effect == taint.effect)) {
        return fail(Errc::kUsage,
                    "can not both modify and remove the following taint in the same command: " +
                        to_string(taint),
                    "leave one of the two out");
      }
    }
  }
  return {};
}

}  // namespace

std::string to_string(const Removal& removal) {
  return removal.key + (removal.effect.empty() ? "" : ":" + removal.effect);
}

bool is_qualified_name(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) {
    return is_name(key);
  }
  return is_subdomain(key.substr(0, slash)) && is_name(key.substr(slash + 1));
}

bool is_label_value(std::string_view value) {
  return value.empty() || is_name(value);
}

bool is_effect(std::string_view effect) {
  return effect == "NoSchedule" || effect == "PreferNoSchedule" || effect == "NoExecute";
}

Result<Taint> parse_taint(std::string_view text) {
  const std::string spec(text);
  MARVEL_TRY(Parts parts, take_apart(spec));
  if (parts.effect.empty()) {
    return refuse(spec, "an effect is missing (key=value:NoSchedule)");
  }
  if (!is_label_value(parts.value)) {
    return refuse(
        spec, "'" + parts.value + "' is no value: letters, digits, '-', '_' and '.', at most 63");
  }
  return Taint{std::move(parts.key), std::move(parts.value), std::move(parts.effect), ""};
}

Result<Request> parse_request(const std::vector<std::string>& words) {
  Request request;
  bool in_specs = false;
  for (const auto& word : words) {
    if (!is_spec(word)) {
      if (in_specs) {
        return fail(Errc::kUsage, "all resources must be specified before taint changes: " + word,
                    "write node names first, then taints");
      }
      request.nodes.push_back(word);
      continue;
    }
    in_specs = true;
    MARVEL_TRY_STATUS(word.back() == '-' ? add_removal(word, request)
                                         : add_addition(word, request));
  }
  if (!in_specs) {
    return fail(Errc::kUsage, "at least one taint update is required",
                "for example Layer=EDGE1:NoSchedule, or Layer:NoSchedule- to remove it");
  }
  MARVEL_TRY_STATUS(check_contradictions(request));
  return request;
}

}  // namespace marvel::taint
