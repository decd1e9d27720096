#pragma once

#include "data/idx_builder.hpp"

#include <fstream>

namespace marvel::test {

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Four IDX files of `side` x `side` images. The class of image i is i % classes, and its pixels
// show it: a bright row at the class' height over a little noise, so that a network can learn it.
inline void write_dataset(const std::filesystem::path& folder, std::uint32_t train,
                          std::uint32_t test, std::uint32_t side = 8, std::uint32_t classes = 4) {
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& prefix, std::uint32_t count) {
    const auto label = [&](std::size_t i) { return i % classes; };
    const auto pixel = [&](std::size_t i) -> std::size_t {
      const std::size_t image = i / (side * side);
      const std::size_t row = i % (side * side) / side;
      const std::size_t noise = (i * 2654435761U >> 7U) % 64;
      return row == label(image) * side / classes ? 190 + noise : noise;
    };
    write_bytes(folder / (prefix + "-images-idx3-ubyte"), idx_bytes({count, side, side}, pixel));
    write_bytes(folder / (prefix + "-labels-idx1-ubyte"), idx_bytes({count}, label));
  };
  write("train", train);
  write("t10k", test);
}

}  // namespace marvel::test
