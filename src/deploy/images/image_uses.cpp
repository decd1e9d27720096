#include "deploy/images/image_uses.hpp"

#include "deploy/images/json_fields.hpp"
#include "deploy/targets.hpp"

#include <array>

#include <nlohmann/json.hpp>

namespace marvel::deploy::images {
namespace {

constexpr std::array kContainerLists{"initContainers", "containers", "ephemeralContainers"};

void add_uses(const Object& object, const Path& pod_path, const std::vector<Platform>& platforms,
              std::vector<ImageUse>& uses) {
  const Json* pod = &object.body();
  for (const auto& key : pod_path) {
    pod = &member(*pod, key.c_str());
  }
  for (const char* const list : kContainerLists) {
    const Json& containers = member(*pod, list);
    for (std::size_t i = 0; containers.is_array() && i < containers.size(); ++i) {
      const std::string image = text_of(containers[i], "image");
      if (!image.empty()) {
        Path path = pod_path;
        path.insert(path.end(), {list, std::to_string(i), "image"});
        uses.push_back({image, deploy::describe(object.file(), object.position(path)), platforms});
      }
    }
  }
}

}  // namespace

std::vector<ImageUse> image_uses(const std::vector<Object>& objects,
                                 const PlatformsOf& platforms_of) {
  std::vector<ImageUse> uses;
  for (const auto& object : objects) {
    if (const auto path = pod_spec_path(object.kind())) {
      add_uses(object, *path, platforms_of ? platforms_of(object) : std::vector<Platform>(), uses);
    }
  }
  return uses;
}

}  // namespace marvel::deploy::images
