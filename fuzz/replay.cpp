// Stands in for libFuzzer in ordinary builds: feeds every file of the folders named on the command
// line to the target, whole and cut short at 64 places. A missing folder counts as empty.
#include "base/file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kCuts = 64;

// A copy of exactly this size on the heap, so that AddressSanitizer sees one byte too many.
void feed(std::string_view bytes) {
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void feed_with_cuts(const std::string& bytes) {
  feed(bytes);
  for (std::size_t cut = 0; cut < kCuts; ++cut) {
    feed(std::string_view(bytes).substr(0, bytes.size() * cut / kCuts));
  }
}

// How many files were fed; -1 when one cannot be read.
int replay(const std::filesystem::path& folder) {
  int files = 0;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    const auto bytes = marvel::read_file(entry.path());
    if (!bytes) {
      std::fprintf(stderr, "%s\n", describe(bytes.error()).c_str());
      return -1;
    }
    std::printf("%s\n", entry.path().c_str());
    std::fflush(stdout);
    feed_with_cuts(*bytes);
    ++files;
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    const int fed = replay(argv[i]);
    if (fed < 0) {
      return 1;
    }
    files += fed;
  }
  std::printf("replayed %d files\n", files);
  return files > 0 ? 0 : 1;
}
