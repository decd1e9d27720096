#include "cli/plugin.hpp"

#include <dlfcn.h>
#include <system_error>

namespace marvel::cli {
namespace {

std::filesystem::path own_executable() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

Result<void*> open_plugin(const std::filesystem::path& file, const Plugin& plugin,
                          const char* symbol) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fail(Errc::kUnsupported,
                "cannot load the plug-in for " + std::string(plugin.purpose) + ": " +
                    ::dlerror(),  // NOLINT(concurrency-mt-unsafe): one thread
                std::string("reinstall the package ") + plugin.package);
  }
  void* address = ::dlsym(library, symbol);
  if (address == nullptr) {
    return foreign_plugin(plugin);
  }
  return address;
}

}  // namespace

tl::unexpected<Error> foreign_plugin(const Plugin& plugin) {
  return fail(Errc::kUnsupported,
              std::string(plugin.file) + " belongs to another version of marvel",
              std::string("install marvel and ") + plugin.package + " of the same version");
}

std::vector<std::filesystem::path> plugin_folders(const Environment& environment,
                                                  const std::filesystem::path& executable) {
  std::vector<std::filesystem::path> folders;
  if (const auto named = environment.get("MARVEL_PLUGIN_DIR")) {
    folders.emplace_back(*named);
  }
  const auto prefix = executable.parent_path().parent_path();
  if (!prefix.empty()) {
    folders.push_back(prefix / "lib/marvel");
    folders.push_back(prefix / MARVEL_LIBDIR / "marvel");
  }
  folders.push_back(std::filesystem::path(MARVEL_FULL_LIBDIR) / "marvel");
  return folders;
}

Result<void*> plugin_symbol(const Environment& environment, const Plugin& plugin,
                            const char* symbol) {
  for (const auto& folder : plugin_folders(environment, own_executable())) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / plugin.file, ignored)) {
      return open_plugin(folder / plugin.file, plugin, symbol);
    }
  }
  return fail(Errc::kUnsupported,
              std::string(plugin.purpose) + " needs the plug-in " + plugin.file +
                  ", which is not installed",
              std::string("install the package ") + plugin.package);
}

}  // namespace marvel::cli
