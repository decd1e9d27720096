#include "config/paths.hpp"

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("the user's file follows XDG, then HOME") {
  CHECK(config_paths(Environment{{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}).user ==
        "/x/marvel/config.yaml");
  CHECK(config_paths(Environment{{"HOME", "/h"}}).user == "/h/.config/marvel/config.yaml");
  CHECK(config_paths(Environment{{"XDG_CONFIG_HOME", "relative"}, {"HOME", "/h"}}).user ==
        "/h/.config/marvel/config.yaml");
  CHECK(config_paths(Environment()).user.empty());
}

TEST_CASE("project and system files have fixed places") {
  CHECK(config_paths(Environment()).project == "marvel.yaml");
  CHECK(config_paths(Environment()).system == "/etc/marvel/config.yaml");
}

TEST_CASE("what can be made again goes to the user's cache") {
  CHECK(cache_folder(Environment{{"XDG_CACHE_HOME", "/x"}, {"HOME", "/h"}}) == "/x/marvel");
  CHECK(cache_folder(Environment{{"XDG_CACHE_HOME", "relative"}, {"HOME", "/h"}}) ==
        "/h/.cache/marvel");
  CHECK(cache_folder(Environment()).empty());
}

}  // namespace marvel
