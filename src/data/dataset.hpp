#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::data {

// Data sets of images in the form of MNIST, read whole into memory: what training, evaluation and
// federated clients draw their samples from. Nothing here is downloaded; packages and scripts bring
// the files (docs/user/compress.md).
//
// Grey images with one label each, as stored: pixels 0 to 255, row by row, image after image. Pixel
// (r, c) of image i is pixels[i * image_bytes() + r * columns + c]. Scaling to numbers is the
// business of whoever trains.
struct ImageSet {
  // The same for all images of a set.
  int rows = 0;
  int columns = 0;
  std::vector<std::uint8_t> pixels;  // size() * rows * columns
  // As in the file: classes from 0. How many classes there are is not known here, see check_labels.
  std::vector<std::uint8_t> labels;  // size()

  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] std::size_t image_bytes() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
};

// The two parts of a data set. Training and test images have one size. Some 55 MB for MNIST.
struct Dataset {
  // What reports call it.
  std::string name;  // "mnist", "fashion-mnist", or the folder's name
  std::filesystem::path folder;
  ImageSet train;
  ImageSet test;
};

// The two names that are resolved in standard places; anything else is a folder. A folder of such a
// name is reached as "./mnist".
[[nodiscard]] bool is_dataset_name(std::string_view word);

// Folders where `name` is looked for, best first: $MARVEL_DATA/NAME,
// ${XDG_DATA_HOME:-~/.local/share}/NAME, /usr/share/datasets/NAME. They need not exist. Reads the
// environment by getenv, so it belongs before the first thread.
std::vector<std::filesystem::path> dataset_folders(std::string_view name);

// Reads the four IDX files (train-images-idx3-ubyte and so on, plain or .gz) of a named data set or
// of a folder. kInput names the file that is missing or damaged, and for a missing named data set
// the package that brings it. Train and test must agree in image size. Names of files may have "."
// in place of the "-" before idx, as some copies have it.
//   MARVEL_TRY(const Dataset set, load_dataset("fashion-mnist"));
//   set.train.size();  // 60000
// Of a named data set the first folder counts that has test images. Reads and inflates all of it in
// the calling thread, each file as a whole.
Result<Dataset> load_dataset(const std::string& name_or_folder);

// Only the test images and labels of it; `train` stays empty. It is what evaluating a model needs,
// a sixth of MNIST.
Result<Dataset> load_test_set(const std::string& name_or_folder);

// CRC-32 of all pixels and labels as they are in memory, so that it is the same for plain and .gz
// files, wherever they lie. Tells data sets apart by accident, not by intent. 50 ms for MNIST.
std::uint32_t checksum(const Dataset& set);

// Refuses labels that a network with `classes` outputs cannot give, naming the first sample.
// kInput; `which` stands in the message, as in "training sample 17 has label 10, but the network
// has 10 outputs". To be asked before the first step, because a label indexes the outputs.
Status check_labels(const ImageSet& set, int classes, std::string_view which);

}  // namespace marvel::data
