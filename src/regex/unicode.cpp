#include "regex/unicode.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include <unicase.h>
#include <unictype.h>

namespace marvel::regex {
namespace {

constexpr char32_t kLastWithCase = 0x1FFFF;
// Their other cases are those of Turkish; simple folding leaves them alone.
constexpr char32_t kDottedI = 0x130;
constexpr char32_t kDotlessI = 0x131;

template <class Holds>
CodeSet code_points(const Holds& holds) {
  CodeSet set;
  char32_t begin = 0;
  bool inside = false;
  for (char32_t code = 0; code <= kLastCodePoint + 1; ++code) {
    const bool now = code <= kLastCodePoint && holds(code);
    if (now && !inside) {
      begin = code;
    } else if (!now && inside) {
      set.add(begin, code - 1);
    }
    inside = now;
  }
  return set;
}

// Code points that fold to the same one, as lists of at least two.
std::vector<std::vector<char32_t>> make_orbits() {
  std::map<char32_t, std::vector<char32_t>> by_fold;
  for (char32_t code = 0; code <= kLastWithCase; ++code) {
    if (code == kDottedI || code == kDotlessI) {
      continue;
    }
    // Lower case of upper case: the same for all cases of a letter.
    const char32_t folded = uc_tolower(uc_toupper(code));
    by_fold[folded].push_back(code);
  }
  std::vector<std::vector<char32_t>> orbits;
  for (auto& [folded, codes] : by_fold) {
    if (codes.size() > 1) {
      orbits.push_back(std::move(codes));
    }
  }
  return orbits;
}

std::optional<CodeSet> find_property(const std::string& name) {
  if (name == "Any") {
    return CodeSet(0, kLastCodePoint);
  }
  if (!name.empty() && name.size() <= 2) {
    const uc_general_category_t category = uc_general_category_byname(name.c_str());
    if (category.bitmask != 0) {
      return code_points([&](char32_t code) { return uc_is_general_category(code, category); });
    }
  }
  const uc_script_t* const script = uc_script_byname(name.c_str());
  if (script == nullptr) {
    return std::nullopt;
  }
  return code_points([&](char32_t code) { return uc_is_script(code, script); });
}

}  // namespace

std::optional<CodeSet> unicode_property(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, CodeSet> known;  // guarded by mutex
  const std::lock_guard lock(mutex);
  const auto at = known.find(name);
  if (at != known.end()) {
    return at->second;
  }
  const auto found = find_property(name);
  if (found) {  // names that mean nothing are without number
    known[name] = *found;
  }
  return found;
}

CodeSet fold_unicode_case(const CodeSet& set) {
  static const auto kOrbits = make_orbits();
  CodeSet folded = set;
  for (const auto& orbit : kOrbits) {
    if (std::any_of(orbit.begin(), orbit.end(),
                    [&](char32_t code) { return set.contains(code); })) {
      for (const char32_t code : orbit) {
        folded.add(code, code);
      }
    }
  }
  return folded;
}

}  // namespace marvel::regex
