#include "deploy/images/source.hpp"

#include "base/fd.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace marvel::deploy::images {
namespace {

tl::unexpected<Error> ends_early(const std::string& name) {
  return fail(Errc::kInput, "'" + name + "' ends in the middle: it is cut off");
}

class FileSource : public Source {
 public:
  FileSource(Fd file, std::uint64_t size, std::string name)
      : file_(std::move(file)), size_(size), name_(std::move(name)) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] const std::string& name() const override { return name_; }

  [[nodiscard]] Status read(std::uint64_t offset, char* buffer, std::size_t count) const override {
    while (count > 0) {
      const auto got = ::pread(file_.get(), buffer, count, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return fail(Errc::kInput,
                    "cannot read '" + name_ + "': " + std::generic_category().message(errno));
      }
      if (got == 0) {
        return ends_early(name_);
      }
      buffer += got;
      offset += static_cast<std::uint64_t>(got);
      count -= static_cast<std::size_t>(got);
    }
    return {};
  }

 private:
  Fd file_;
  std::uint64_t size_;
  std::string name_;
};

class MemorySource : public Source {
 public:
  MemorySource(std::string bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] const std::string& name() const override { return name_; }

  [[nodiscard]] Status read(std::uint64_t offset, char* buffer, std::size_t count) const override {
    if (offset > bytes_.size() || count > bytes_.size() - offset) {
      return ends_early(name_);
    }
    std::memcpy(buffer, bytes_.data() + offset, count);
    return {};
  }

 private:
  std::string bytes_;
  std::string name_;
};

}  // namespace

Result<std::shared_ptr<const Source>> open_file(const std::filesystem::path& path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));  // NOLINT: a C function
  struct stat about{};
  if (!file.is_open() || ::fstat(file.get(), &about) != 0) {
    return fail(Errc::kInput,
                "cannot open '" + path.string() + "': " + std::generic_category().message(errno));
  }
  if (!S_ISREG(about.st_mode)) {
    return fail(Errc::kInput, "'" + path.string() + "' is no regular file",
                "an archive is read more than once; write it to a file first");
  }
  return std::make_shared<const FileSource>(
      std::move(file), static_cast<std::uint64_t>(about.st_size), path.string());
}

std::shared_ptr<const Source> memory_source(std::string bytes, std::string name) {
  return std::make_shared<const MemorySource>(std::move(bytes), std::move(name));
}

Result<std::string> read_range(const Source& source, std::uint64_t offset, std::uint64_t count) {
  if (offset > source.size() || count > source.size() - offset) {
    return ends_early(source.name());
  }
  std::string bytes(count, '\0');
  MARVEL_TRY_STATUS(source.read(offset, bytes.data(), bytes.size()));
  return bytes;
}

}  // namespace marvel::deploy::images
