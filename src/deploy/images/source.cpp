#include "deploy/images/source.hpp"

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
  FileSource(int file, std::uint64_t size, std::string name)
      : file_(file), size_(size), name_(std::move(name)) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(file_); }

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] const std::string& name() const override { return name_; }

  [[nodiscard]] Status read(std::uint64_t offset, char* buffer, std::size_t count) const override {
    while (count > 0) {
      const auto got = ::pread(file_, buffer, count, static_cast<off_t>(offset));
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
  int file_;
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
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT: a C function
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0) {
    const std::string why = std::generic_category().message(errno);
    if (file >= 0) {
      ::close(file);
    }
    return fail(Errc::kInput, "cannot open '" + path.string() + "': " + why);
  }
  if (!S_ISREG(about.st_mode)) {
    ::close(file);
    return fail(Errc::kInput, "'" + path.string() + "' is no regular file",
                "an archive is read more than once; write it to a file first");
  }
  return std::make_shared<const FileSource>(file, static_cast<std::uint64_t>(about.st_size),
                                            path.string());
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
