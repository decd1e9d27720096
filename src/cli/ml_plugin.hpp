#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "compress/api.hpp"

#include <filesystem>
#include <vector>

namespace marvel::cli {

// Opens libmarvel_ml.so, the only library that links LibTorch. That costs about 0.4 s and a few
// hundred MB, so it happens when training or measuring really starts, never for help, completion
// or a usage error. The plug-in stays loaded until the program ends.
//
// kUnsupported, naming the package marvel-ml, when it is missing, cannot be loaded, or belongs
// to another version of marvel.
Result<const compress::MlApi*> load_ml_plugin(const Environment& environment);

// Where it is looked for, in this order: $MARVEL_PLUGIN_DIR, lib/marvel and the multiarch folder
// beside the program's own folder, the folder it was configured to be installed in.
std::vector<std::filesystem::path> plugin_folders(const Environment& environment,
                                                  const std::filesystem::path& executable);

}  // namespace marvel::cli
