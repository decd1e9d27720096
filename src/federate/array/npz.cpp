#include "federate/array/npz.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "federate/array/npy.hpp"
#include "federate/array/zip_records.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>
#include <zlib.h>

#include <fmt/format.h>
#include <libdeflate.h>

namespace marvel::federate {
namespace {

// A pass over the whole model in each round, for which zlib's would take three times as long.
std::uint32_t crc_of(const Bytes& bytes) {
  std::uint32_t crc = 0;
  for (const auto& piece : bytes.pieces()) {
    crc = libdeflate_crc32(crc, piece.text.data(), piece.text.size());
  }
  return crc;
}

// --- writing ---

using Sink = std::function<Status(std::string_view)>;

// One member after the other, each from the memory where its elements lie.
Status write_npz(const Model& model, const Sink& sink) {
  std::vector<ZipMember> members;
  std::uint64_t offset = 0;
  const auto write = [&](std::string_view bytes) {
    offset += bytes.size();
    return sink(bytes);
  };
  for (const auto& tensor : model) {
    const Bytes content = encode_npy(tensor, nullptr);
    ZipMember member;
    member.name = fmt::format("arr_{}.npy", members.size());
    member.crc = crc_of(content);
    member.size = member.packed = content.size();
    member.offset = offset;
    MARVEL_TRY_STATUS(write(zip_local_header(member)));
    for (const auto& piece : content.pieces()) {
      MARVEL_TRY_STATUS(write(piece.text));
    }
    members.push_back(std::move(member));
  }
  return write(zip_directory(members, offset));
}

// --- reading ---

struct Archive {
  std::string_view bytes;
  const std::string& name;

  [[nodiscard]] tl::unexpected<Error> bad(const std::string& what) const {
    return fail(Errc::kInput, fmt::format("'{}' is not a .npz that can be read: {}", name, what));
  }
};

// Feeds zlib in portions, as its counters have 32 bits.
void feed(z_stream& stream, std::string_view& packed) {
  if (stream.avail_in == 0) {
    const auto portion = packed.substr(0, std::size_t{1} << 30U);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(portion.data()));
    stream.avail_in = static_cast<uInt>(portion.size());
    packed.remove_prefix(portion.size());
  }
}

Result<std::string> inflate_member(const Archive& zip, std::string_view packed,
                                   const ZipMember& member) {
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return fail(Errc::kUnavailable, "zlib cannot start");
  }
  std::string out;
  int status = Z_OK;
  while (status == Z_OK && out.size() <= member.size) {  // grows with what is really there
    feed(stream, packed);
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

// The member's array. A stored one is not copied: it refers to the archive.
Result<Bytes> read_member(const Archive& zip, const ZipMember& member) {
  const auto packed = zip_content(zip.bytes, member);
  if (!packed) {
    return zip.bad(packed.error().message);
  }
  Bytes content;
  if (member.method == 0) {
    if (member.size != member.packed) {
      return zip.bad("a member's sizes disagree");
    }
    content.append({*packed, nullptr});
  } else if (member.method == 8) {
    MARVEL_TRY(std::string unpacked, inflate_member(zip, *packed, member));
    content = Bytes::from(std::move(unpacked));
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
  MARVEL_TRY_STATUS(write_npz(model, [&out](std::string_view bytes) {
    out += bytes;
    return Status();
  }));
  return out;
}

Result<Model> decode_npz(std::string_view bytes, const std::string& name, std::uint64_t max_bytes) {
  const Archive zip{bytes, name};
  const auto members = read_zip_directory(bytes);
  if (!members) {
    return zip.bad(members.error().message);
  }
  std::vector<std::pair<std::uint64_t, const ZipMember*>> order;
  for (const auto& member : *members) {
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
    MARVEL_TRY(const Bytes content, read_member(zip, *member));
    auto tensor = decode_npy(content);
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
  MARVEL_TRY(AtomicFile file, AtomicFile::open(path));
  MARVEL_TRY_STATUS(
      write_npz(model, [&file](std::string_view bytes) { return file.write(bytes); }));
  return file.commit();
}

}  // namespace marvel::federate
