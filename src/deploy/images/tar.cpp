// An archive is a row of 512-byte blocks: a header, then the data padded to whole blocks, and so
// on; two blocks of zeros end it. Records that only describe the next entry (pax 'x', GNU 'L' and
// 'K') are gathered until that entry comes.
#include "deploy/images/tar.hpp"

#include "base/text.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <vector>

namespace marvel::deploy::images {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::size_t kMostEntries = 100'000;
constexpr std::uint64_t kMostDescription = std::uint64_t{1} << 20;
constexpr std::size_t kMostName = 4096;
constexpr int kMostLinks = 16;

using Header = std::array<char, kBlock>;

// What the records before an entry say about it.
struct Described {
  std::string name;
  std::string link;
  std::optional<std::uint64_t> size;
};

tl::unexpected<Error> bad(const Source& source, std::uint64_t offset, const std::string& why) {
  return fail(Errc::kInput, "'" + source.name() + "' is no usable tar archive: at byte " +
                                std::to_string(offset) + " " + why);
}

// A field that ends at its first zero byte.
std::string text_field(const Header& header, std::size_t at, std::size_t width) {
  const char* begin = header.data() + at;
  return {begin, ::strnlen(begin, width)};
}

// Octal digits or, with the top bit set, a big-endian binary number.
std::optional<std::uint64_t> number_field(const Header& header, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  if ((static_cast<unsigned char>(header.at(at)) & 0x80U) != 0) {
    for (std::size_t i = 1; i < width; ++i) {
      if (value >> 55U != 0) {
        return std::nullopt;
      }
      value = value << 8U | static_cast<unsigned char>(header.at(at + i));
    }
    return value;
  }
  const std::string text(trim(text_field(header, at, width)));
  for (const char digit : text) {
    if (digit < '0' || digit > '7') {
      return std::nullopt;
    }
    value = value * 8 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

bool checksum_holds(const Header& header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool own = i >= 148 && i < 156;
    sum += own ? std::uint64_t{' '} : static_cast<unsigned char>(header.at(i));
  }
  return number_field(header, 148, 8) == sum;
}

// The name without "./" and doubled "/"; nothing when it leaves the archive.
std::optional<std::string> clean_name(const std::string& name) {
  if (name.empty() || name.size() > kMostName || name.front() == '/') {
    return std::nullopt;
  }
  std::vector<std::string> parts;
  for (auto& part : split(name, '/')) {
    if (part == "..") {
      return std::nullopt;
    }
    if (!part.empty() && part != ".") {
      parts.push_back(std::move(part));
    }
  }
  return join(parts, "/");
}

// Where a symbolic link inside `name`'s folder points; nothing when that is outside.
std::optional<std::string> link_target(const std::string& name, const std::string& link) {
  if (link.empty() || link.front() == '/') {
    return std::nullopt;
  }
  auto parts = split(name, '/');
  parts.pop_back();
  for (auto& part : split(link, '/')) {
    if (part == "..") {
      if (parts.empty()) {
        return std::nullopt;
      }
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(std::move(part));
    }
  }
  return join(parts, "/");
}

// "LENGTH KEY=VALUE\n" again and again; false when that is not what it holds.
bool read_pax(std::string_view records, Described& next) {
  while (!records.empty()) {
    const auto blank = records.find(' ');
    const auto length = parse_unsigned(records.substr(0, blank));
    if (blank == records.npos || !length || *length <= blank + 1 || *length > records.size() ||
        records[*length - 1] != '\n') {
      return false;
    }
    const auto record = records.substr(blank + 1, *length - blank - 2);
    const auto equals = record.find('=');
    if (equals == record.npos) {
      return false;
    }
    const auto key = record.substr(0, equals);
    const std::string value(record.substr(equals + 1));
    if (key == "path") {
      next.name = value;
    } else if (key == "linkpath") {
      next.link = value;
    } else if (key == "size") {
      const auto size = parse_unsigned(value);
      if (!size) {
        return false;
      }
      next.size = *size;
    } else if (key.starts_with("GNU.sparse")) {
      return false;
    }
    records.remove_prefix(*length);
  }
  return true;
}

// Walks the blocks.
class Walk {
 public:
  explicit Walk(const Source& source) : source_(source) {}

  Status run() {
    while (offset_ + kBlock <= source_.size()) {
      Header header{};
      MARVEL_TRY_STATUS(source_.read(offset_, header.data(), header.size()));
      if (header == Header{}) {
        return {};
      }
      MARVEL_TRY_STATUS(entry(header));
    }
    return bad(source_, offset_, "its end is missing: it is cut off");
  }

  std::map<std::string, TarFile> files;
  std::map<std::string, std::string> links;  // to a cleaned name

 private:
  Status entry(const Header& header) {
    if (!checksum_holds(header)) {
      return bad(source_, offset_, offset_ == 0 ? "there is no tar header" : "a checksum is wrong");
    }
    const char type = header[156];
    const auto size =
        described_.size && is_file(type) ? described_.size : number_field(header, 124, 12);
    const std::uint64_t data = offset_ + kBlock;
    if (!size || *size > source_.size() - data) {
      return bad(source_, offset_, "an entry is larger than the archive: it is cut off");
    }
    MARVEL_TRY_STATUS(take(header, type, {data, *size}));
    offset_ = data + (*size + kBlock - 1) / kBlock * kBlock;
    return {};
  }

  static bool is_file(char type) { return type == '0' || type == '\0' || type == '7'; }

  Status take(const Header& header, char type, TarFile file) {
    if (type == 'x' || type == 'L' || type == 'K') {
      return describe_next(type, file);
    }
    if (type == 'S') {
      return bad(source_, offset_, "there is a sparse file");
    }
    if (type == 'g') {
      return {};
    }
    MARVEL_TRY_STATUS(add(header, type, file));
    described_ = {};
    return {};
  }

  Status describe_next(char type, TarFile file) {
    if (file.size > kMostDescription) {
      return bad(source_, offset_, "a name is longer than 1 MiB");
    }
    MARVEL_TRY(const std::string text, read_range(source_, file.offset, file.size));
    if (type == 'x') {
      return read_pax(text, described_)
                 ? Status()
                 : bad(source_, offset_, "an extended header cannot be read");
    }
    (type == 'L' ? described_.name : described_.link) = text.substr(0, text.find('\0'));
    return {};
  }

  Status add(const Header& header, char type, TarFile file) {
    const auto name = clean_name(described_.name.empty() ? header_name(header) : described_.name);
    if (!name) {
      return bad(source_, offset_, "a name leads out of the archive or is too long");
    }
    if (++entries_ > kMostEntries) {
      return bad(source_, offset_, "there are more than 100,000 entries");
    }
    files.erase(*name);
    links.erase(*name);
    if (is_file(type)) {
      files[*name] = file;
    } else if (type == '1' || type == '2') {
      const std::string link =
          described_.link.empty() ? text_field(header, 157, 100) : described_.link;
      const auto target = type == '1' ? clean_name(link) : link_target(*name, link);
      if (!target) {
        return bad(source_, offset_, "a link leads out of the archive");
      }
      links[*name] = *target;
    }
    return {};
  }

  static std::string header_name(const Header& header) {
    const std::string name = text_field(header, 0, 100);
    const bool is_ustar = text_field(header, 257, 6).starts_with("ustar") && header[262] == '\0';
    const std::string prefix = is_ustar ? text_field(header, 345, 155) : "";
    return prefix.empty() ? name : prefix + "/" + name;
  }

  const Source& source_;
  std::uint64_t offset_ = 0;
  std::size_t entries_ = 0;
  Described described_;
};

// Whether it begins as gzip, zstd or xz files do. Names in archives may begin with such a byte,
// too.
Result<bool> is_packed(const Source& source) {
  constexpr std::array<std::string_view, 3> kMagics = {"\x1f\x8b", "\x28\xb5\x2f\xfd",
                                                       "\xfd\x37\x7a\x58"};
  std::array<char, 4> begin{};
  if (source.size() < begin.size()) {
    return false;
  }
  MARVEL_TRY_STATUS(source.read(0, begin.data(), begin.size()));
  return std::any_of(kMagics.begin(), kMagics.end(), [&](std::string_view magic) {
    return std::string_view(begin.data(), begin.size()).starts_with(magic);
  });
}

}  // namespace

Result<Tar> Tar::open(const Source& source) {
  MARVEL_TRY(const bool packed, is_packed(source));
  if (packed) {
    return fail(Errc::kInput, "'" + source.name() + "' is packed as a whole",
                "unpack it with gunzip, unzstd or unxz; layers inside may be packed with gzip");
  }
  Walk walk(source);
  MARVEL_TRY_STATUS(walk.run());
  Tar tar;
  tar.files_ = walk.files;
  for (const auto& [name, first] : walk.links) {
    std::string target = first;
    int steps = 0;
    for (auto next = walk.links.find(target); next != walk.links.end();
         next = walk.links.find(target)) {
      if (++steps > kMostLinks) {
        return fail(Errc::kInput,
                    "'" + source.name() + "': links run in circles at '" + name + "'");
      }
      target = next->second;
    }
    if (const auto file = walk.files.find(target); file != walk.files.end()) {
      tar.files_[name] = file->second;
    }
  }
  return tar;
}

const TarFile* Tar::find(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace marvel::deploy::images
