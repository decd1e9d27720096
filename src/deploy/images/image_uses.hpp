#pragma once

#include "deploy/images/check.hpp"
#include "deploy/manifest.hpp"

#include <functional>
#include <vector>

namespace marvel::deploy::images {

// What the images of one object must have, beside what is asked for all: such as the platforms of
// the nodes that its pods may land on.
using PlatformsOf = std::function<std::vector<Platform>(const Object& object)>;
// The images that the containers of `objects` ask for, init and ephemeral ones too, in the order of
// the files. Objects without pods have none. A container without an image is left out: that is
// lint's finding. `platforms_of` is asked once for each object with pods; it may be empty. Sends
// nothing: this is what check_images takes.
std::vector<ImageUse> image_uses(const std::vector<Object>& objects,
                                 const PlatformsOf& platforms_of = {});

}  // namespace marvel::deploy::images
