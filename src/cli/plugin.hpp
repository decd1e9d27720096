#pragma once

#include "base/env.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace marvel::cli {

// A shared library that is loaded when a command really starts work, never for help, completion or
// a usage error, because what it links is slow to start. The strings are literals. Each plug-in is
// one such constant beside the typed function that opens it (ml_plugin.hpp, fedl_plugin.hpp);
// commands call those.
struct Plugin {
  const char* file;     // "libmarvel_ml.so"
  const char* package;  // that brings it
  const char* purpose;  // "training", for messages
};

// The address of `symbol` in the plug-in, which stays loaded until the program ends. kUnsupported,
// naming the package, when it is missing, cannot be loaded or lacks the symbol. The first folder
// that holds the file decides, even if it cannot be loaded from there, so that a broken
// installation is told and not passed over. Its symbols are not offered to others (RTLD_LOCAL). One
// thread.
Result<void*> plugin_symbol(const Environment& environment, const Plugin& plugin,
                            const char* symbol);

// What to answer when a plug-in was found but is not of this version. kUnsupported, with the advice
// to install both of one version.
tl::unexpected<Error> foreign_plugin(const Plugin& plugin);

// What the function `symbol` of the plug-in answers, held against the version that we were built
// with. As for plugin_symbol; kUnsupported also for another version. Api begins with `int
// interface_version`, and `symbol` is an extern "C" function without arguments that returns a
// `const Api*` which lives as long as the plug-in. Versions count changes of the struct; both sides
// are built together, so any difference is a foreign one.
//   plugin_api<compress::MlApi>(environment, kMl, "marvel_ml_api", compress::kInterfaceVersion);
template <class Api>
Result<const Api*> plugin_api(const Environment& environment, const Plugin& plugin,
                              const char* symbol, int version) {
  MARVEL_TRY(void* const function, plugin_symbol(environment, plugin, symbol));
  const Api* api = reinterpret_cast<const Api* (*)()>(function)();
  if (api->interface_version != version) {
    return foreign_plugin(plugin);
  }
  return api;
}

// Where plug-ins are looked for, in this order: $MARVEL_PLUGIN_DIR, lib/marvel and the multiarch
// folder beside the program's own folder, the folder it was configured to be installed in.
// `executable` is the path of the running program, so that a copied tree works from any place.
// Empty: only the first and the last. They need not exist.
std::vector<std::filesystem::path> plugin_folders(const Environment& environment,
                                                  const std::filesystem::path& executable);

}  // namespace marvel::cli
