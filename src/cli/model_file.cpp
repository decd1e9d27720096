#include "cli/model_file.hpp"

#include "base/file.hpp"
#include "cli/ml_plugin.hpp"

#include <cstdlib>
#include <system_error>
#include <utility>

namespace marvel::cli {
namespace {

namespace fs = std::filesystem;

// Only this user can look into it.
Result<fs::path> temporary_folder() {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "marvel-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    return fail(Errc::kUnavailable, "cannot make a temporary folder", "set TMPDIR to one");
  }
  return fs::path(name);
}

}  // namespace

Result<std::string> script_of(const fs::path& npz, const Environment& environment) {
  MARVEL_TRY(const auto published, federate::load_published(npz));
  MARVEL_TRY(const federate::MlTrainerApi* ml, load_ml_trainers(environment));
  return ml->script_export(published);
}

Result<ModelFile> ModelFile::open(const std::string& named, const Environment& environment) {
  ModelFile file;
  file.path_ = named;
  std::error_code ignored;
  file.bytes_ = fs::file_size(named, ignored);
  if (!named.ends_with(".npz")) {
    return file;
  }
  MARVEL_TRY(const std::string bytes, script_of(named, environment));
  MARVEL_TRY(file.folder_, temporary_folder());
  file.path_ = (file.folder_ / "model.pt").string();
  MARVEL_TRY_STATUS(write_file_atomically(file.path_, bytes));
  return file;
}

ModelFile::ModelFile(ModelFile&& other) noexcept
    : path_(std::move(other.path_)),
      bytes_(other.bytes_),
      folder_(std::exchange(other.folder_, {})) {}

ModelFile::~ModelFile() {
  if (!folder_.empty()) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
}

}  // namespace marvel::cli
