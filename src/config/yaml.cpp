// The only file that sees yaml-cpp. It throws; nothing thrown leaves this file.
#include "config/yaml.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <exception>

#include <yaml-cpp/yaml.h>

namespace marvel {
namespace {

constexpr std::size_t kDeepest = 8;
constexpr std::size_t kMostSettings = 10'000;  // with groups of them and items of lists

std::string position(const std::string& name, const YAML::Mark& mark) {
  return name + ":" + std::to_string(mark.line + 1);
}

// Turns one document into settings, depth first.
class Flattener {
 public:
  explicit Flattener(std::string name) : name_(std::move(name)) {}

  Result<std::vector<FileSetting>> flatten(const YAML::Node& root) {
    if (root.IsNull()) {
      return settings_;  // an empty file, or one of comments only
    }
    if (!root.IsMap()) {
      return fail_at(root, "expected 'key: value' lines");
    }
    MARVEL_TRY_STATUS(add_map(root));
    return std::move(settings_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> fail_at(const YAML::Node& node,
                                              const std::string& what) const {
    return fail(Errc::kInput, position(name_, node.Mark()) + ": " + what);
  }

  Status add_map(const YAML::Node& map) {
    std::vector<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) {
        return fail_at(map, "a key must be a plain word");
      }
      const std::string& key = entry.first.Scalar();
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
        return fail_at(entry.first, "'" + key + "' stands here twice");
      }
      seen.push_back(key);
      MARVEL_TRY_STATUS(add_entry(entry.first, key, entry.second));
    }
    return {};
  }

  // Whatever is walked over counts, not only what is kept: aliases make much of little.
  Status count(const YAML::Node& where, std::size_t entries) {
    entries_ += entries;
    return entries_ > kMostSettings ? Status(fail_at(where, "too many settings")) : Status();
  }

  Status add_entry(const YAML::Node& where, const std::string& key, const YAML::Node& value) {
    MARVEL_TRY_STATUS(count(where, 1));
    if (value.IsMap()) {
      if (command_.size() >= kDeepest) {
        return fail_at(where, "nested too deep");
      }
      command_.push_back(key);
      MARVEL_TRY_STATUS(add_map(value));
      command_.pop_back();
      return {};
    }
    MARVEL_TRY_STATUS(count(where, value.size()));
    FileSetting setting{command_, key, std::nullopt, {}, where.Mark().line + 1};
    if (!value.IsNull()) {
      MARVEL_TRY(setting.items, scalar_or_list(where, key, value));
      setting.value = join(setting.items, ",");
    }
    settings_.push_back(std::move(setting));
    return {};
  }

  [[nodiscard]] Result<std::vector<std::string>> scalar_or_list(const YAML::Node& where,
                                                                const std::string& key,
                                                                const YAML::Node& value) const {
    if (value.IsScalar()) {
      return std::vector<std::string>{value.Scalar()};
    }
    std::vector<std::string> items;
    for (const auto& item : value) {
      if (!item.IsScalar()) {
        return fail_at(where, "the list of '" + key + "' may hold plain values only");
      }
      items.push_back(item.Scalar());
    }
    return items;
  }

  std::string name_;
  std::vector<std::string> command_;
  std::vector<FileSetting> settings_;
  std::size_t entries_ = 0;  // keys and list items so far
};

}  // namespace

Result<std::vector<FileSetting>> settings_from_yaml(std::string_view text,
                                                    const std::string& name) {
  try {
    return Flattener(name).flatten(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInput, position(name, error.mark) + ": " + error.msg);
  } catch (const std::exception& error) {
    return fail(Errc::kInput, name + ": " + error.what());
  }
}

}  // namespace marvel
