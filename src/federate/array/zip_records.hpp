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
//
// To write: for each member its local header and its content, noting where the header began, and
// zip_directory at the end. To read: the directory, then zip_content of the members that are
// wanted. Compression and checksums are the caller's (npz.cpp).

struct ZipMember {
  std::string name;
  // Of the unpacked bytes: CRC-32 as zlib computes it.
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;  // bytes in the archive
  std::uint64_t size = 0;    // bytes unpacked
  std::uint64_t offset = 0;  // of the local header
  std::uint16_t method = 0;  // 0 stored, 8 deflated
  bool operator==(const ZipMember&) const = default;
};

// What stands before a member's content. All but `offset` must be known, because no data descriptor
// follows. The date is always 1 January 1980, so that equal content gives equal bytes.
std::string zip_local_header(const ZipMember& member);
// What stands after the last member, `offset` bytes from the beginning. Zip64 records are there
// only where a number needs them.
std::string zip_directory(const std::vector<ZipMember>& members, std::uint64_t offset);

// `tail` is the end of an archive, from byte `tail_offset` of it on, with all of the directory.
// kInput, saying what is wrong, for anything damaged; members' offsets are not checked. The end
// record is searched backwards, over a comment of at most 65535 bytes. Members come in the order of
// the directory, with names as they are: twice the same one is not noticed. Memory follows the
// records that are there, never the number that the end record announces.
Result<std::vector<ZipMember>> read_zip_directory(std::string_view tail,
                                                  std::uint64_t tail_offset = 0);
// The member's bytes in the archive, packed or not: a part of `archive`, which is the whole one and
// must outlive the result. kInput when they are not all there. Sizes and name in the local header
// are not compared with the directory's.
Result<std::string_view> zip_content(std::string_view archive, const ZipMember& member);

}  // namespace marvel::federate
