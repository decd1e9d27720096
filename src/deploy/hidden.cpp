// Values are found by place, not by what they are: a secret "true" hides one field and no other.
// The place is the only thing that another run, which does not know the value, can go by. Only for
// text without places (messages of servers) does the value itself decide.
#include "deploy/hidden.hpp"

#include "deploy/render.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kShortestSecret = 4;

std::string name_in(const Json& item) {
  const auto name = item.is_object() ? item.find("name") : item.end();
  return item.is_object() && name != item.end() && name->is_string() ? name->get<std::string>()
                                                                     : std::string();
}

std::string path_of_item(const std::string& path, const Json& list, std::size_t index, bool named) {
  return path + "[" + (named ? "name=" + name_in(list[index]) : std::to_string(index)) + "]";
}

bool same_keys(const Json& a, const Json& b) {
  return a.size() == b.size() &&
         std::all_of(a.items().begin(), a.items().end(),
                     [&b](const auto& entry) { return b.contains(entry.key()); });
}

void find_places(const std::string& path, const Json& real, const Json& masked, Hidden& hidden) {
  if (real == masked) {
    return;
  }
  if (real.is_object() && masked.is_object() && same_keys(real, masked)) {
    for (const auto& [key, value] : real.items()) {
      find_places(path_of_key(path, key), value, masked[key], hidden);
    }
  } else if (real.is_array() && masked.is_array() && real.size() == masked.size()) {
    const bool named = has_named_items(real);
    for (std::size_t i = 0; i < real.size(); ++i) {
      find_places(path_of_item(path, real, i, named), real[i], masked[i], hidden);
    }
  } else {
    hidden[path] = masked.is_string() ? masked.get<std::string>() : kMask;
  }
}

// Calls `take` with every value of `body` that stands at one of the places.
template <class AnyJson, class Take>
void each_place(const std::string& path, AnyJson& body, const Hidden& hidden, const Take& take) {
  if (const auto found = hidden.find(path); found != hidden.end()) {
    take(body, found->second);
  } else if (body.is_object()) {
    for (const auto& entry : body.items()) {
      each_place(path_of_key(path, entry.key()), entry.value(), hidden, take);
    }
  } else if (body.is_array()) {
    const bool named = has_named_items(body);
    for (std::size_t i = 0; i < body.size(); ++i) {
      each_place(path_of_item(path, body, i, named), body[i], hidden, take);
    }
  }
}

// "hunter2" of "db:hunter2@host" when "db:********@host" is shown; empty when there are several.
std::string secret_in(const std::string& text, const std::string& shown) {
  const std::string mask = kMask;
  const auto at = shown.find(mask);
  if (at == std::string::npos || shown.find(mask, at + mask.size()) != std::string::npos) {
    return {};
  }
  const std::size_t around = shown.size() - mask.size();
  return text.size() > around ? text.substr(at, text.size() - around) : std::string();
}

void replace_all(std::string& text, const std::string& what) {
  const std::string mask = kMask;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + mask.size())) {
    text.replace(at, what.size(), mask);
  }
}

// Secrets as they are and as JSON writes them, longest first, so that no part of one is left.
std::vector<std::string> spellings(const std::vector<std::string>& secrets) {
  std::set<std::string> all;
  for (const std::string& secret : secrets) {
    if (secret.size() >= kShortestSecret) {
      const std::string quoted = Json(secret).dump(-1, ' ', false, Json::error_handler_t::replace);
      all.insert(secret);
      all.insert(quoted.substr(1, quoted.size() - 2));
    }
  }
  std::vector<std::string> sorted(all.begin(), all.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return sorted;
}

void mask_spellings(Json& body, const std::vector<std::string>& words) {
  if (body.is_string()) {
    for (const std::string& word : words) {
      replace_all(body.get_ref<std::string&>(), word);
    }
  } else if (body.is_structured()) {
    for (Json& part : body) {
      mask_spellings(part, words);
    }
  }
}

}  // namespace

std::string path_of_key(const std::string& path, const std::string& key) {
  const bool plain = key.find_first_of("./[") == std::string::npos;
  return path + (plain ? "." + key : "[" + key + "]");
}

bool has_named_items(const Json& list) {
  std::set<std::string> names;
  return std::all_of(list.begin(), list.end(), [&names](const Json& item) {
    const std::string name = name_in(item);
    return !name.empty() && names.insert(name).second;
  });
}

Hidden hidden_places(const Json& real, const Json& masked) {
  Hidden hidden;
  find_places("", real, masked, hidden);
  return hidden;
}

void hide(Json& body, const Hidden& hidden) {
  if (!hidden.empty()) {
    each_place("", body, hidden, [](Json& value, const std::string& shown) { value = shown; });
  }
}

std::vector<std::string> hidden_texts(const Json& body, const Hidden& hidden) {
  std::vector<std::string> texts;
  each_place("", body, hidden, [&texts](const Json& value, const std::string& shown) {
    if (value.is_string()) {
      texts.push_back(value.get<std::string>());
      texts.push_back(secret_in(texts.back(), shown));
    }
  });
  std::erase(texts, "");
  return texts;
}

std::string masked(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& word : spellings(secrets)) {
    replace_all(text, word);
  }
  return text;
}

void mask_texts(Json& body, const std::vector<std::string>& secrets) {
  if (!secrets.empty()) {
    mask_spellings(body, spellings(secrets));
  }
}

}  // namespace marvel::deploy
