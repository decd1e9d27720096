#include "config/paths.hpp"

#include <string>

namespace marvel {
namespace {

std::filesystem::path user_file(const Environment& environment) {
  const std::filesystem::path xdg = environment.get("XDG_CONFIG_HOME").value_or("");
  if (xdg.is_absolute()) {
    return xdg / "marvel/config.yaml";
  }
  const auto home = environment.get("HOME");
  return home ? std::filesystem::path(*home) / ".config/marvel/config.yaml"
              : std::filesystem::path();
}

}  // namespace

std::filesystem::path cache_folder(const Environment& environment) {
  const std::filesystem::path xdg = environment.get("XDG_CACHE_HOME").value_or("");
  if (xdg.is_absolute()) {
    return xdg / "marvel";
  }
  const auto home = environment.get("HOME");
  return home ? std::filesystem::path(*home) / ".cache/marvel" : std::filesystem::path();
}

ConfigPaths config_paths(const Environment& environment) {
  const auto system = environment.get("MARVEL_SYSTEM_CONFIG");
  return {"marvel.yaml", user_file(environment), system.value_or("/etc/marvel/config.yaml")};
}

}  // namespace marvel
