#include "deploy/images/challenge.hpp"

#include <algorithm>
#include <optional>

namespace marvel::deploy::images {
namespace {

// Reads the field from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  void skip(std::string_view letters) {
    const auto next = rest_.find_first_not_of(letters);
    rest_.remove_prefix(next == rest_.npos ? rest_.size() : next);
  }

  bool take(char letter) {
    if (!rest_.starts_with(letter)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  // A word up to a blank, a comma, "=" or a quote.
  std::string word() {
    const auto end = std::min(rest_.find_first_of(" \t,=\""), rest_.size());
    std::string taken(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return taken;
  }

  // A word or a quoted text; nothing when the closing quote is missing.
  std::optional<std::string> value() {
    if (!take('"')) {
      return word();
    }
    std::string text;
    while (!rest_.empty()) {
      char letter = rest_.front();
      rest_.remove_prefix(1);
      if (letter == '"') {
        return text;
      }
      if (letter == '\\' && !rest_.empty()) {
        letter = rest_.front();
        rest_.remove_prefix(1);
      }
      text += letter;
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::string lower(std::string text) {
  for (char& letter : text) {
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return text;
}

}  // namespace

std::string Challenge::get(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

// A word that "=" follows is a parameter of the challenge before; any other word begins a new one.
std::vector<Challenge> parse_challenges(std::string_view field) {
  std::vector<Challenge> challenges;
  Reader reader(field);
  for (reader.skip(" \t,"); !reader.at_end(); reader.skip(" \t,")) {
    const std::string word = lower(reader.word());
    reader.skip(" \t");
    if (word.empty()) {
      return challenges;
    }
    if (!reader.take('=')) {
      challenges.push_back({word, {}});
      continue;
    }
    reader.skip(" \t");
    auto value = reader.value();
    if (!value || challenges.empty()) {
      return challenges;
    }
    challenges.back().parameters.emplace(word, std::move(*value));
  }
  return challenges;
}

}  // namespace marvel::deploy::images
