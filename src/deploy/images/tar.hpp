#pragma once

#include "base/result.hpp"
#include "deploy/images/source.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace marvel::deploy::images {

// A file inside a tar archive: where its bytes are.
struct TarFile {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// The table of contents of a tar archive (POSIX ustar and pax, GNU long names and sizes). Nothing
// is unpacked. Symbolic and hard links are followed inside the archive only.
class Tar {
 public:
  // kInput for what is no tar archive, a wrong checksum, a cut-off archive, names that are absolute
  // or hold "..", links that leave the archive or run in circles, sparse files, more than 100,000
  // entries. A name that stands twice is the later one, as for every unpacker.
  static Result<Tar> open(const Source& source);

  // Null when there is no such file.
  [[nodiscard]] const TarFile* find(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, TarFile>& files() const { return files_; }

 private:
  std::map<std::string, TarFile> files_;
};

}  // namespace marvel::deploy::images
