#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::data {

// Grey images with one label each, as stored: pixels 0 to 255, row by row.
struct ImageSet {
  int rows = 0;
  int columns = 0;
  std::vector<std::uint8_t> pixels;  // size() * rows * columns
  std::vector<std::uint8_t> labels;  // size()

  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] std::size_t image_bytes() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
};

struct Dataset {
  std::string name;  // "mnist", "fashion-mnist", or the folder's name
  std::filesystem::path folder;
  ImageSet train;
  ImageSet test;
};

// The two names that are resolved in standard places; anything else is a folder.
[[nodiscard]] bool is_dataset_name(std::string_view word);

// Folders where `name` is looked for, best first: $MARVEL_DATA/NAME,
// ${XDG_DATA_HOME:-~/.local/share}/NAME, /usr/share/datasets/NAME.
std::vector<std::filesystem::path> dataset_folders(std::string_view name);

// Reads the four IDX files (train-images-idx3-ubyte and so on, plain or .gz) of a named data set
// or of a folder. kInput names the file that is missing or damaged, and for a missing named data
// set the package that brings it. Train and test must agree in image size.
Result<Dataset> load_dataset(const std::string& name_or_folder);

// Only the test images and labels of it; `train` stays empty.
Result<Dataset> load_test_set(const std::string& name_or_folder);

// Refuses labels that a network with `classes` outputs cannot give, naming the first sample.
Status check_labels(const ImageSet& set, int classes, std::string_view which);

}  // namespace marvel::data
