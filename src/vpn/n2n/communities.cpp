#include "vpn/n2n/communities.hpp"

#include "base/text.hpp"
#include "vpn/n2n/message.hpp"

namespace marvel::vpn::n2n {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const auto begin = line.find_first_not_of(kBlank);
    if (begin == line.npos) {
      return words;
    }
    line.remove_prefix(begin);
    const std::string_view word = line.substr(0, line.find_first_of(kBlank));
    words.emplace_back(word);
    line.remove_prefix(word.size());
  }
}

// Reads one line into `list`; nothing, or what is wrong with it.
std::string read_user(const std::vector<std::string>& words, bool below_name, CommunityList& list) {
  const auto key = words.size() == 3 ? parse_key_text(words[2]) : std::nullopt;
  if (!key) {
    return "is not '* USER KEY', with a key of 43 characters";
  }
  if (!below_name) {
    return "names a user, but stands below no community";
  }
  if (words[1].size() > kLongestUser) {
    return "names a user with more than 15 characters";
  }
  list.communities.back().users.push_back({words[1], *key});
  return {};
}

std::string read_community(const std::vector<std::string>& words, CommunityList& list) {
  if (words.size() > 2 || !community_of(words[0])) {
    return "is not 'NAME NETWORK/BITS', with a name of 1 to 19 bytes";
  }
  CommunityEntry entry{words[0], std::nullopt, {}};
  if (words.size() == 2) {
    entry.subnet = parse_subnet(words[1]);
    if (!entry.subnet) {
      return "has a network that is none, as 10.8.0.0/24 would be one";
    }
  }
  list.communities.push_back(std::move(entry));
  return {};
}

std::string read_pattern(const std::vector<std::string>& words, CommunityList& list) {
  const auto pattern = words.size() == 1 ? Pattern::parse(words[0]) : std::nullopt;
  if (!pattern) {
    return "is neither a name nor a regular expression";
  }
  list.patterns.push_back(*pattern);
  return {};
}

}  // namespace

Result<CommunityList> parse_communities(std::string_view text, const std::string& file) {
  CommunityList list;
  bool below_name = false;
  std::size_t number = 0;
  for (const auto& line : split(text, '\n')) {
    ++number;
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) {
      continue;
    }
    std::string wrong;
    if (words[0] == "*") {
      wrong = read_user(words, below_name, list);
    } else {
      below_name = !Pattern::is_pattern(words[0]);
      wrong = below_name ? read_community(words, list) : read_pattern(words, list);
    }
    if (!wrong.empty()) {
      return fail(Errc::kInput, file + ":" + std::to_string(number) + " " + wrong);
    }
  }
  return list;
}

}  // namespace marvel::vpn::n2n
