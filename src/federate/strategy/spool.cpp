#include "federate/strategy/spool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

tl::unexpected<Error> disk_error(const char* what, const std::filesystem::path& folder,
                                 const char* hint = "") {
  return fail(Errc::kUnavailable,
              fmt::format("cannot {} '{}': {}", what, folder.string(),
                          std::error_code(errno, std::generic_category()).message()),
              hint);
}

}  // namespace

Result<SpoolFile> SpoolFile::open(const std::filesystem::path& folder) {
  std::string name = (folder / "spool-XXXXXX").string();
  Fd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.is_open()) {
    return disk_error("keep updates in", folder);
  }
  ::unlink(name.c_str());
  return SpoolFile(std::move(file), folder);
}

Status SpoolFile::write(std::uint64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto written =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return disk_error("keep updates in", folder_,
                        errno == ENOSPC || errno == EDQUOT ? "free some space there" : "");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

Status SpoolFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto got = ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return disk_error("read updates back from", folder_);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<Spool> Spool::open(const std::filesystem::path& folder, std::size_t elements) {
  MARVEL_TRY(SpoolFile file, SpoolFile::open(folder));
  return Spool(std::move(file), elements);
}

Status Spool::append(const Update& update, const Model& reference) {
  constexpr std::size_t kBlock = 4096;
  std::array<double, kBlock> block{};
  std::uint64_t offset = std::uint64_t{updates_} * elements_ * sizeof(double);
  for (std::size_t t = 0; t < reference.size(); ++t) {
    const std::size_t count = reference[t].size();
    for (std::size_t first = 0; first < count; first += kBlock) {
      const auto part = std::span(block).first(std::min(kBlock, count - first));
      update.read(t, first, part);
      MARVEL_TRY_STATUS(file_.write(offset, std::as_bytes(part)));
      offset += part.size_bytes();
    }
  }
  ++updates_;
  return {};
}

Status Spool::read(std::size_t first, std::size_t count, std::vector<double>& out) const {
  out.resize(updates_ * count);
  for (std::size_t k = 0; k < updates_; ++k) {
    const auto offset = (std::uint64_t{k} * elements_ + first) * sizeof(double);
    const auto part = std::span(out).subspan(k * count, count);
    MARVEL_TRY_STATUS(file_.read(offset, std::as_writable_bytes(part)));
  }
  return {};
}

}  // namespace marvel::federate
