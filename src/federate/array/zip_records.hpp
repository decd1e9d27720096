#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::federate {

// The records of a zip archive (APPNOTE.TXT 6.3.10), as far as an .npz needs them:
//   per member   local header, content
//   directory    central header per member, [Zip64 end, its locator], end
// Where 32 bits (or 16 for the number of members) do not hold a number, it is all ones and stands
// in a Zip64 record instead. No encryption, no data descriptors, no more than one file.

struct ZipMember {
  std::string name;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;  // bytes in the archive
  std::uint64_t size = 0;    // bytes unpacked
  std::uint64_t offset = 0;  // of the local header
  std::uint16_t method = 0;  // 0 stored, 8 deflated
  bool operator==(const ZipMember&) const = default;
};

// What stands before a member's content.
std::string zip_local_header(const ZipMember& member);
// What stands after the last member, `offset` bytes from the beginning.
std::string zip_directory(const std::vector<ZipMember>& members, std::uint64_t offset);

// `tail` is the end of an archive, from byte `tail_offset` of it on, with all of the directory.
// kInput, saying what is wrong, for anything damaged; members' offsets are not checked.
Result<std::vector<ZipMember>> read_zip_directory(std::string_view tail,
                                                  std::uint64_t tail_offset = 0);
// The member's bytes in the archive, packed or not. kInput when they are not all there.
Result<std::string_view> zip_content(std::string_view archive, const ZipMember& member);

}  // namespace marvel::federate
