// Image archives: any bytes give an image or a refusal; what is found lies inside the archive, and
// every blob can be read.
#include "deploy/images/archive.hpp"
#include "deploy/images/tar.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

class NoLog : public marvel::Log {
 public:
  void write(marvel::LogLevel, std::string_view) override {}
};

class NoProgress : public marvel::Progress {
 public:
  void begin(std::string_view, std::uint64_t) override {}
  void update(std::uint64_t, std::string_view) override {}
  void milestone(std::string_view) override {}
  void end() override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::deploy::images;
  const auto source = memory_source({reinterpret_cast<const char*>(data), size}, "fuzz.tar");
  const auto tar = Tar::open(*source);
  if (!tar) {
    FUZZ_LAW(tar.error().code == marvel::Errc::kInput);
    return 0;
  }
  for (const auto& [name, file] : tar->files()) {
    FUZZ_LAW(file.offset <= size && file.size <= size - file.offset);
    FUZZ_LAW(!name.starts_with('/') && name != ".." && !name.starts_with("../"));
  }
  NoLog log;
  NoProgress progress;
  marvel::StopFlag stop;
  marvel::Context context{log, progress, stop};
  const auto image = read_archive(source, "", context);
  if (!image) {
    return 0;
  }
  FUZZ_LAW(!image->documents.empty());
  for (const auto& blob : image->blobs) {
    const auto digests = measure_blob(blob, stop);
    FUZZ_LAW(digests.has_value() && digests->size == blob.descriptor.size);
  }
  return 0;
}
