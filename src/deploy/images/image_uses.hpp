#pragma once

#include "deploy/images/check.hpp"
#include "deploy/manifest.hpp"

#include <functional>
#include <vector>

namespace marvel::deploy::images {

// The images that the containers of `objects` ask for, init containers too, in the order of the
// files. A container without an image is left out: that is lint's finding. `platforms_of` says what
// the images of one object must have; it may be empty.
using PlatformsOf = std::function<std::vector<Platform>(const Object& object)>;
std::vector<ImageUse> image_uses(const std::vector<Object>& objects,
                                 const PlatformsOf& platforms_of = {});

}  // namespace marvel::deploy::images
