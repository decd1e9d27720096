#include "federate/array/zip_records.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace marvel::federate {
namespace {

constexpr std::uint32_t kLocalMagic = 0x04034b50;
constexpr std::uint32_t kCentralMagic = 0x02014b50;
constexpr std::uint32_t kEndMagic = 0x06054b50;
constexpr std::uint32_t kEnd64Magic = 0x06064b50;
constexpr std::uint32_t kLocatorMagic = 0x07064b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::uint16_t kExtra64 = 1;  // id of the extra field
constexpr std::uint16_t kDate = 0x21;  // 1 January 1980: equal models give equal bytes
constexpr std::uint64_t kFull = 0xffffffff;
constexpr std::uint64_t kFullShort = 0xffff;

// --- writing ---

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xffU);
  }
}

// The numbers that do not fit 32 bits, as an extra field; empty when all do.
std::string extra_of(std::initializer_list<std::uint64_t> numbers) {
  std::string large;
  for (const auto number : numbers) {
    if (number >= kFull) {
      put(large, number, 8);
    }
  }
  std::string extra;
  if (!large.empty()) {
    put(extra, kExtra64, 2);
    put(extra, large.size(), 2);
    extra += large;
  }
  return extra;
}

void put_version(std::string& out, bool is_64) {
  put(out, is_64 ? 45 : 20, 2);
}

// The fields that both headers of a member have in common.
void put_common(std::string& out, const ZipMember& member, const std::string& extra) {
  put_version(out, !extra.empty());
  put(out, 0, 2);  // flags
  put(out, member.method, 2);
  put(out, 0, 2);  // time
  put(out, kDate, 2);
  put(out, member.crc, 4);
  put(out, std::min(member.packed, kFull), 4);
  put(out, std::min(member.size, kFull), 4);
  put(out, member.name.size(), 2);
  put(out, extra.size(), 2);
}

void put_central(std::string& out, const ZipMember& member) {
  const std::string extra = extra_of({member.size, member.packed, member.offset});
  put(out, kCentralMagic, 4);
  put_version(out, !extra.empty());
  put_common(out, member, extra);
  put(out, 0, 2);  // comment
  put(out, 0, 2);  // disk
  put(out, 0, 2);  // attributes
  put(out, 0, 4);
  put(out, std::min(member.offset, kFull), 4);
  out += member.name + extra;
}

// The Zip64 end and its locator; `end` is where they begin.
void put_end_64(std::string& out, std::uint64_t count, std::uint64_t offset, std::uint64_t end) {
  put(out, kEnd64Magic, 4);
  put(out, kEnd64Bytes - 12, 8);
  put_version(out, true);
  put_version(out, true);
  put(out, 0, 8);  // disks
  put(out, count, 8);
  put(out, count, 8);
  put(out, end - offset, 8);
  put(out, offset, 8);
  put(out, kLocatorMagic, 4);
  put(out, 0, 4);  // disk
  put(out, end, 8);
  put(out, 1, 4);  // disks
}

// --- reading ---

tl::unexpected<Error> damaged(const char* what) {
  return fail(Errc::kInput, what);
}

// Little-endian; the range must lie inside.
std::uint64_t number(std::string_view bytes, std::size_t offset, int width) {
  std::uint64_t value = 0;
  for (int i = width; i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[offset + static_cast<std::size_t>(i)]);
  }
  return value;
}

// The end record, searched backwards because a comment may follow it.
std::optional<std::size_t> find_end(std::string_view tail) {
  if (tail.size() < kEndBytes) {
    return std::nullopt;
  }
  const std::size_t last = tail.size() - kEndBytes;
  const std::size_t first = last > kFullShort ? last - kFullShort : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (number(tail, at, 4) == kEndMagic) {
      return at;
    }
  }
  return std::nullopt;
}

struct Directory {
  std::uint64_t count = 0;
  std::uint64_t offset = 0;  // in the archive
  std::size_t end = 0;       // in the tail
};

// Where the directory lies, from the end record at `end` or the Zip64 one that it refers to.
Result<Directory> find_directory(std::string_view tail, std::uint64_t tail_offset,
                                 std::size_t end) {
  const Directory plain{number(tail, end + 10, 2), number(tail, end + 16, 4), end};
  const bool is_64 =
      plain.count == kFullShort || plain.offset == kFull || number(tail, end + 12, 4) == kFull;
  if (!is_64 || end < kLocatorBytes || number(tail, end - kLocatorBytes, 4) != kLocatorMagic) {
    return plain;
  }
  const std::uint64_t place = number(tail, end - kLocatorBytes + 8, 8) - tail_offset;
  const std::size_t most = end - kLocatorBytes;
  if (most < kEnd64Bytes || place > most - kEnd64Bytes || number(tail, place, 4) != kEnd64Magic) {
    return damaged("its Zip64 end is damaged");
  }
  return Directory{number(tail, place + 32, 8), number(tail, place + 48, 8), place};
}

// Takes from the extra fields what did not fit 32 bits.
Status read_extra(std::string_view extra, ZipMember& member) {
  std::vector<std::uint64_t*> large;
  for (auto* value : {&member.size, &member.packed, &member.offset}) {
    if (*value == kFull) {
      large.push_back(value);
    }
  }
  while (!large.empty() && extra.size() >= 4) {
    const std::size_t length = number(extra, 2, 2);
    const bool is_ours = number(extra, 0, 2) == kExtra64;
    extra.remove_prefix(4);
    if (length > extra.size() || (is_ours && length < 8 * large.size())) {
      return damaged("a Zip64 record is cut short");
    }
    if (is_ours) {
      for (std::size_t i = 0; i < large.size(); ++i) {
        *large[i] = number(extra, 8 * i, 8);
      }
      return {};
    }
    extra.remove_prefix(length);
  }
  return {};  // all ones may be meant as they are
}

}  // namespace

std::string zip_local_header(const ZipMember& member) {
  // Both sizes or none, as the format demands of local headers.
  const bool large = member.size >= kFull || member.packed >= kFull;
  ZipMember shown = member;
  std::string extra;
  if (large) {
    put(extra, kExtra64, 2);
    put(extra, 16, 2);
    put(extra, member.size, 8);
    put(extra, member.packed, 8);
    shown.size = shown.packed = kFull;
  }
  std::string out;
  put(out, kLocalMagic, 4);
  put_common(out, shown, extra);
  return out + shown.name + extra;
}

std::string zip_directory(const std::vector<ZipMember>& members, std::uint64_t offset) {
  std::string out;
  for (const auto& member : members) {
    put_central(out, member);
  }
  const std::uint64_t bytes = out.size();
  if (members.size() >= kFullShort || bytes >= kFull || offset >= kFull) {
    put_end_64(out, members.size(), offset, offset + bytes);
  }
  put(out, kEndMagic, 4);
  put(out, 0, 4);  // disks
  put(out, std::min<std::uint64_t>(members.size(), kFullShort), 2);
  put(out, std::min<std::uint64_t>(members.size(), kFullShort), 2);
  put(out, std::min(bytes, kFull), 4);
  put(out, std::min(offset, kFull), 4);
  put(out, 0, 2);  // comment
  return out;
}

Result<std::vector<ZipMember>> read_zip_directory(std::string_view tail,
                                                  std::uint64_t tail_offset) {
  const auto end = find_end(tail);
  if (!end) {
    return damaged("no end of a zip archive");
  }
  MARVEL_TRY(const Directory directory, find_directory(tail, tail_offset, *end));
  std::uint64_t at = directory.offset - tail_offset;
  std::vector<ZipMember> members;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    if (at > directory.end || directory.end - at < kCentralBytes ||
        number(tail, at, 4) != kCentralMagic) {
      return damaged("its directory is damaged");
    }
    ZipMember member;
    member.method = static_cast<std::uint16_t>(number(tail, at + 10, 2));
    member.crc = static_cast<std::uint32_t>(number(tail, at + 16, 4));
    member.packed = number(tail, at + 20, 4);
    member.size = number(tail, at + 24, 4);
    member.offset = number(tail, at + 42, 4);
    const std::size_t name = number(tail, at + 28, 2);
    const std::size_t extra = number(tail, at + 30, 2);
    const std::size_t rest = name + extra + number(tail, at + 32, 2);
    at += kCentralBytes;
    if (directory.end - at < rest) {
      return damaged("its directory is damaged");
    }
    member.name = tail.substr(at, name);
    MARVEL_TRY_STATUS(read_extra(tail.substr(at + name, extra), member));
    members.push_back(std::move(member));
    at += rest;
  }
  return members;
}

Result<std::string_view> zip_content(std::string_view archive, const ZipMember& member) {
  const std::size_t size = archive.size();
  if (member.offset > size || size - member.offset < kLocalBytes ||
      number(archive, member.offset, 4) != kLocalMagic) {
    return damaged("a member's header is damaged");
  }
  const std::size_t begin = member.offset + kLocalBytes + number(archive, member.offset + 26, 2) +
                            number(archive, member.offset + 28, 2);
  if (begin > size || size - begin < member.packed) {
    return damaged("a member is cut short");
  }
  return archive.substr(begin, member.packed);
}

}  // namespace marvel::federate
