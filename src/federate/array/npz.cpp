#include "federate/array/npz.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "federate/array/npy.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>
#include <zlib.h>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

constexpr std::uint32_t kLocalMagic = 0x04034b50;
constexpr std::uint32_t kCentralMagic = 0x02014b50;
constexpr std::uint32_t kEndMagic = 0x06054b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::uint16_t kDate = 0x21;  // 1 January 1980: equal models give equal bytes

// --- writing ---

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xffU);
  }
}

struct Member {
  std::string name;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;  // bytes in the archive
  std::uint64_t size = 0;    // bytes unpacked
  std::uint64_t offset = 0;  // of the local header
  std::uint16_t method = 0;  // 0 stored, 8 deflated
};

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// The fields that both headers of a member have in common.
void put_common(std::string& out, const Member& member) {
  put(out, 20, 2);  // needs version 2.0
  put(out, 0, 2);   // flags
  put(out, member.method, 2);
  put(out, 0, 2);  // time
  put(out, kDate, 2);
  put(out, member.crc, 4);
  put(out, member.packed, 4);
  put(out, member.size, 4);
  put(out, member.name.size(), 2);
  put(out, 0, 2);  // extra field
}

void put_local(std::string& out, const Member& member) {
  put(out, kLocalMagic, 4);
  put_common(out, member);
  out += member.name;
}

void put_central(std::string& out, const Member& member) {
  put(out, kCentralMagic, 4);
  put(out, 20, 2);
  put_common(out, member);
  put(out, 0, 2);  // comment
  put(out, 0, 2);  // disk
  put(out, 0, 2);  // attributes
  put(out, 0, 4);
  put(out, member.offset, 4);
  out += member.name;
}

// --- reading ---

struct Archive {
  std::string_view bytes;
  const std::string& name;

  [[nodiscard]] tl::unexpected<Error> bad(const std::string& what) const {
    return fail(Errc::kInput, fmt::format("'{}' is not a .npz that can be read: {}", name, what));
  }
  // Little-endian; the range must lie inside.
  [[nodiscard]] std::uint32_t number(std::size_t offset, int width) const {
    std::uint32_t value = 0;
    for (int i = width; i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(bytes[offset + static_cast<std::size_t>(i)]);
    }
    return value;
  }
};

// The end record, searched backwards because a comment may follow it.
std::optional<std::size_t> find_end(const Archive& zip) {
  if (zip.bytes.size() < kEndBytes) {
    return std::nullopt;
  }
  const std::size_t last = zip.bytes.size() - kEndBytes;
  const std::size_t first = last > 65535 ? last - 65535 : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (zip.number(at, 4) == kEndMagic) {
      return at;
    }
  }
  return std::nullopt;
}

Result<std::vector<Member>> read_directory(const Archive& zip) {
  const auto end = find_end(zip);
  if (!end) {
    return zip.bad("no end of a zip archive");
  }
  const std::uint32_t count = zip.number(*end + 10, 2);
  std::size_t at = zip.number(*end + 16, 4);
  std::vector<Member> members;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (at > *end || *end - at < kCentralBytes || zip.number(at, 4) != kCentralMagic) {
      return zip.bad("its directory is damaged");
    }
    Member member;
    member.method = static_cast<std::uint16_t>(zip.number(at + 10, 2));
    member.crc = zip.number(at + 16, 4);
    member.packed = zip.number(at + 20, 4);
    member.size = zip.number(at + 24, 4);
    member.offset = zip.number(at + 42, 4);
    const std::size_t name_bytes = zip.number(at + 28, 2);
    const std::size_t rest = name_bytes + zip.number(at + 30, 2) + zip.number(at + 32, 2);
    if (*end - at - kCentralBytes < rest) {
      return zip.bad("its directory is damaged");
    }
    member.name = zip.bytes.substr(at + kCentralBytes, name_bytes);
    members.push_back(std::move(member));
    at += kCentralBytes + rest;
  }
  return members;
}

Result<std::string> inflate_member(const Archive& zip, std::string_view packed,
                                   const Member& member) {
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return fail(Errc::kUnavailable, "zlib cannot start");
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK && out.size() <= member.size) {  // grows with what is really there
    const std::size_t begin = out.size();
    out.resize(begin + 65536);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
    stream.avail_out = 65536;
    status = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  if (status != Z_STREAM_END || out.size() != member.size) {
    return zip.bad("a member's compressed data is damaged");
  }
  return out;
}

Result<std::string> read_member(const Archive& zip, const Member& member) {
  const std::size_t size = zip.bytes.size();
  if (member.offset > size || size - member.offset < kLocalBytes ||
      zip.number(member.offset, 4) != kLocalMagic) {
    return zip.bad("a member's header is damaged");
  }
  const std::size_t begin = member.offset + kLocalBytes + zip.number(member.offset + 26, 2) +
                            zip.number(member.offset + 28, 2);
  if (begin > size || size - begin < member.packed) {
    return zip.bad("a member is cut short");
  }
  const auto packed = zip.bytes.substr(begin, member.packed);
  std::string content;
  if (member.method == 0) {
    if (member.size != member.packed) {
      return zip.bad("a member's sizes disagree");
    }
    content = packed;
  } else if (member.method == 8) {
    MARVEL_TRY(content, inflate_member(zip, packed, member));
  } else {
    return zip.bad("a member's compression is neither stored nor deflated");
  }
  if (crc_of(content) != member.crc) {
    return zip.bad("a member's checksum is wrong");
  }
  return content;
}

// 3 for "arr_3.npy".
std::optional<std::uint64_t> member_number(std::string_view name) {
  if (!name.starts_with("arr_") || !name.ends_with(".npy") || name.size() < 9) {
    return std::nullopt;
  }
  const auto number = parse_unsigned(name.substr(4, name.size() - 8));
  return number ? std::optional(*number) : std::nullopt;
}

}  // namespace

Result<std::string> encode_npz(const Model& model) {
  std::string out;
  std::vector<Member> members;
  for (const auto& tensor : model) {
    const std::string content = npy_text(tensor);
    Member member;
    member.name = fmt::format("arr_{}.npy", members.size());
    member.crc = crc_of(content);
    member.size = member.packed = content.size();
    member.offset = out.size();
    put_local(out, member);
    out += content;
    members.push_back(std::move(member));
  }
  const std::size_t directory = out.size();
  for (const auto& member : members) {
    put_central(out, member);
  }
  const std::size_t directory_bytes = out.size() - directory;
  if (out.size() > std::numeric_limits<std::uint32_t>::max() || members.size() > 65534) {
    return fail(Errc::kUnsupported,
                "a model beyond 4 GiB or 65534 arrays does not fit a .npz here");
  }
  put(out, kEndMagic, 4);
  put(out, 0, 4);  // disks
  put(out, members.size(), 2);
  put(out, members.size(), 2);
  put(out, directory_bytes, 4);
  put(out, directory, 4);
  put(out, 0, 2);
  return out;
}

Result<Model> decode_npz(std::string_view bytes, const std::string& name, std::uint64_t max_bytes) {
  const Archive zip{bytes, name};
  MARVEL_TRY(const auto members, read_directory(zip));
  std::vector<std::pair<std::uint64_t, const Member*>> order;
  for (const auto& member : members) {
    const auto number = member_number(member.name);
    if (!number) {
      return zip.bad(fmt::format("'{}' is not named arr_0.npy, arr_1.npy and so on", member.name));
    }
    if (member.size > max_bytes) {
      return zip.bad(fmt::format("'{}' is too large", member.name));
    }
    order.emplace_back(*number, &member);
  }
  std::sort(order.begin(), order.end());
  Model model;
  for (const auto& [number, member] : order) {
    if (number != model.size()) {
      return zip.bad(fmt::format("arr_{}.npy is missing or there twice", model.size()));
    }
    MARVEL_TRY(std::string content, read_member(zip, *member));
    auto tensor = decode_npy(Bytes::from(std::move(content)));
    if (!tensor) {
      return zip.bad(fmt::format("{}: {}", member->name, tensor.error().message));
    }
    model.push_back(std::move(*tensor));
  }
  return model;
}

Result<Model> load_npz(const std::filesystem::path& path) {
  MARVEL_TRY(const std::string bytes, read_file(path));
  return decode_npz(bytes, path.string());
}

Status save_npz(const std::filesystem::path& path, const Model& model) {
  MARVEL_TRY(const std::string bytes, encode_npz(model));
  return write_file_atomically(path, bytes);
}

}  // namespace marvel::federate
