#pragma once

#include "deploy/images/check.hpp"
#include "deploy/manifest.hpp"

#include <vector>

namespace marvel::deploy::images {

// The images that the containers of `objects` ask for, init containers too, in the order of the
// files. A container without an image is left out: that is lint's finding.
std::vector<ImageUse> image_uses(const std::vector<Object>& objects);

}  // namespace marvel::deploy::images
