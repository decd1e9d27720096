#include "cli/ml_plugin.hpp"

#include <dlfcn.h>
#include <string>
#include <system_error>

namespace marvel::cli {
namespace {

constexpr const char* kFile = "libmarvel_ml.so";
constexpr const char* kInstall = "install the package marvel-ml";

std::filesystem::path own_executable() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

Result<const compress::MlApi*> open_plugin(const std::filesystem::path& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fail(Errc::kUnsupported,
                std::string("cannot load the ML plug-in: ") +
                    ::dlerror(),  // NOLINT(concurrency-mt-unsafe): one thread
                "reinstall the package marvel-ml");
  }
  const auto api = reinterpret_cast<decltype(&marvel_ml_api)>(::dlsym(library, "marvel_ml_api"));
  if (api == nullptr || api()->interface_version != compress::kInterfaceVersion) {
    return fail(Errc::kUnsupported, "'" + file.string() + "' belongs to another version of marvel",
                "install marvel and marvel-ml of the same version");
  }
  return api();
}

}  // namespace

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

Result<const compress::MlApi*> load_ml_plugin(const Environment& environment) {
  for (const auto& folder : plugin_folders(environment, own_executable())) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / kFile, ignored)) {
      return open_plugin(folder / kFile);
    }
  }
  return fail(Errc::kUnsupported,
              "training needs the plug-in libmarvel_ml.so, which is not installed", kInstall);
}

}  // namespace marvel::cli
