#pragma once

#include "base/result.hpp"
#include "deploy/images/source.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace marvel::deploy::images {

// A file inside a tar archive: where its bytes are, counted from the archive's first.
struct TarFile {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// The table of contents of a tar archive (POSIX ustar and pax, GNU long names and sizes). Nothing
// is unpacked: read a file by read_range(source, file.offset, file.size).
//
//   MARVEL_TRY(const Tar tar, Tar::open(*source));
//   if (const TarFile* index = tar.find("index.json")) ...
//
// Names are those in the archive without "./" and doubled "/". Only files are in it, and links that
// lead to one: docker save stores equal layers as links. Symbolic and hard links are followed
// inside the archive only; what leads nowhere is left out, as are folders and devices.
class Tar {
 public:
  // kInput for what is no tar archive or packed as a whole, a wrong checksum, a cut-off archive,
  // names that are absolute or hold "..", links that leave the archive, run in circles or through
  // more than 16 others, sparse files, more than 100,000 entries. A name that stands twice is the
  // later one, as for every unpacker. Reads a block of 512 bytes for each entry, and the long
  // names; `source` is not kept.
  static Result<Tar> open(const Source& source);

  // Null when there is no such file; valid as long as this.
  [[nodiscard]] const TarFile* find(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, TarFile>& files() const { return files_; }

 private:
  std::map<std::string, TarFile> files_;
};

}  // namespace marvel::deploy::images
