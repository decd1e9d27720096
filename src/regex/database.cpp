#include "regex/database.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <zlib.h>

namespace marvel::regex {
namespace {

constexpr std::string_view kMagic = "MARVELRX";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeader = kMagic.size() + 4 + 4 + 8;

// --- Writing: integers with the lowest byte first, lists with their length before them ---

class Writer {
 public:
  template <class Int>
  void number(Int value) {
    auto rest = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(Int); ++i, rest >>= 8U) {
      bytes_ += static_cast<char>(rest & 0xFFU);
    }
  }
  void text(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <class Int>
  void numbers(const std::vector<Int>& values) {
    number(static_cast<std::uint32_t>(values.size()));
    for (const Int value : values) {
      number(value);
    }
  }
  void set(const ByteSet& set) {
    for (int byte = 0; byte < 256; byte += 8) {
      unsigned bits = 0;
      for (int i = 0; i < 8; ++i) {
        bits |= (set.contains(byte + i) ? 1U : 0U) << static_cast<unsigned>(i);
      }
      number(static_cast<std::uint8_t>(bits));
    }
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

std::uint8_t bits_of(const ParseFlags& flags) {
  return static_cast<std::uint8_t>((flags.ignore_case ? 1 : 0) | (flags.literal ? 2 : 0) |
                                   (flags.unicode ? 4 : 0));
}

void write(Writer& out, const Pattern& pattern) {
  out.text(pattern.text);
  out.text(pattern.id);
  out.text(pattern.origin);
  out.number(bits_of(pattern.flags));
  out.number(static_cast<std::uint64_t>(pattern.line));
  out.number(static_cast<std::uint64_t>(pattern.column));
}

void write(Writer& out, const Program& program) {
  out.number(static_cast<std::uint32_t>(program.code.size()));
  for (const Instruction& instruction : program.code) {
    out.number(static_cast<std::uint8_t>(instruction.op));
    out.number(static_cast<std::uint16_t>(instruction.assertion));
    out.number(instruction.set);
    out.number(instruction.next);
    out.number(instruction.other);
    out.number(instruction.pattern);
  }
  out.number(static_cast<std::uint32_t>(program.sets.size()));
  for (const ByteSet& set : program.sets) {
    out.set(set);
  }
  out.numbers(program.starts);
}

void write(Writer& out, const DfaGroups& groups) {
  out.number(static_cast<std::uint32_t>(groups.groups.size()));
  for (const DfaGroup& group : groups.groups) {
    for (const std::uint8_t cls : group.dfa.class_of) {
      out.number(cls);
    }
    out.number(group.dfa.stride);
    out.numbers(group.dfa.next);
    out.numbers(group.patterns);
  }
  out.numbers(groups.left);
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// --- Reading: nothing that is read is trusted ---

struct Damage {
  const char* what;
};

void require(bool holds, const char* what) {
  if (!holds) {
    throw Damage{what};
  }
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class Int>
  Int number() {
    require(rest_.size() >= sizeof(Int), "it ends too early");
    std::uint64_t value = 0;
    for (std::size_t i = sizeof(Int); i-- > 0;) {
      value = value << 8U | static_cast<std::uint8_t>(rest_[i]);
    }
    rest_.remove_prefix(sizeof(Int));
    return static_cast<Int>(value);
  }
  // The length of a list whose elements take at least `each` bytes: never more than can be there.
  std::size_t length(std::size_t each) {
    const auto count = number<std::uint32_t>();
    require(count <= rest_.size() / each, "a list is longer than the file");
    return count;
  }
  std::string text() {
    const std::size_t size = length(1);
    std::string result(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return result;
  }
  std::vector<std::uint32_t> numbers() {
    std::vector<std::uint32_t> values(length(sizeof(std::uint32_t)));
    std::generate(values.begin(), values.end(), [this] { return number<std::uint32_t>(); });
    return values;
  }
  ByteSet set() {
    ByteSet result;
    for (int byte = 0; byte < 256; byte += 8) {
      const auto bits = number<std::uint8_t>();
      for (int i = 0; i < 8; ++i) {
        if ((bits >> static_cast<unsigned>(i) & 1U) != 0) {
          result.add(byte + i);
        }
      }
    }
    return result;
  }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

Pattern read_pattern(Reader& in) {
  Pattern pattern;
  pattern.text = in.text();
  pattern.id = in.text();
  pattern.origin = in.text();
  const auto flags = in.number<std::uint8_t>();
  require(flags < 8, "unknown flags of a pattern");
  pattern.flags = {(flags & 1U) != 0, (flags & 2U) != 0, (flags & 4U) != 0};
  pattern.line = in.number<std::uint64_t>();
  pattern.column = in.number<std::uint64_t>();
  return pattern;
}

void check(const Instruction& instruction, const Program& program) {
  using Op = Instruction::Op;
  require(instruction.op <= Op::kJump, "an unknown instruction");
  require(instruction.assertion < 1U << 9U, "an unknown assertion");
  require(instruction.op == Op::kMatch || instruction.next < program.code.size(),
          "an instruction leads nowhere");
  require(instruction.op != Op::kSplit || instruction.other < program.code.size(),
          "an instruction leads nowhere");
  require(instruction.op != Op::kByte || instruction.set < program.sets.size(),
          "a set of bytes is missing");
  require(instruction.op != Op::kMatch || instruction.pattern < program.starts.size(),
          "a pattern is missing");
}

Program read_program(Reader& in) {
  Program program;
  program.code.resize(in.length(19));
  for (Instruction& instruction : program.code) {
    instruction.op = static_cast<Instruction::Op>(in.number<std::uint8_t>());
    instruction.assertion = in.number<std::uint16_t>();
    instruction.set = in.number<std::uint32_t>();
    instruction.next = in.number<std::uint32_t>();
    instruction.other = in.number<std::uint32_t>();
    instruction.pattern = in.number<std::uint32_t>();
  }
  program.sets.resize(in.length(32));
  for (ByteSet& set : program.sets) {
    set = in.set();
    require(!set.contains('\n'), "a set holds the line end");
  }
  program.starts = in.numbers();
  for (const Instruction& instruction : program.code) {
    check(instruction, program);
  }
  for (const auto start : program.starts) {
    require(start < program.code.size(), "a pattern begins nowhere");
  }
  find_classes(program);
  return program;
}

std::vector<std::string> read_required(Reader& in) {
  std::vector<std::string> literals(in.length(4));
  for (std::string& literal : literals) {
    literal = in.text();
    require(!literal.empty() && literal.find('\n') == std::string::npos, "a literal is no text");
  }
  return literals;
}

DfaGroup read_group(Reader& in, std::size_t patterns) {
  DfaGroup group;
  for (std::uint8_t& cls : group.dfa.class_of) {
    cls = in.number<std::uint8_t>();
  }
  group.dfa.stride = in.number<std::uint32_t>();
  group.dfa.next = in.numbers();
  group.patterns = in.numbers();
  const std::uint32_t stride = group.dfa.stride;
  require(stride >= 2 && stride <= 256 && std::has_single_bit(stride), "a table has no shape");
  const std::size_t size = group.dfa.next.size();
  require(size >= 2 * std::size_t{stride} && size % stride == 0, "a table has no shape");
  require(std::all_of(group.dfa.next.begin(), group.dfa.next.end(),
                      [&](std::uint32_t next) { return next < size && next % stride == 0; }),
          "a table leads nowhere");
  require(std::all_of(group.dfa.class_of.begin(), group.dfa.class_of.end(),
                      [&](std::uint8_t cls) { return cls < stride; }),
          "a table has too few columns");
  // Only the end of a line may be a hit.
  for (std::size_t row = 0; row < size; row += stride) {
    for (std::uint32_t cls = 0; cls < stride; ++cls) {
      require(group.dfa.next[row + cls] != group.dfa.hit() || cls == group.dfa.class_of['\n'],
              "a table matches within a line");
    }
  }
  require(std::count(group.dfa.class_of.begin(), group.dfa.class_of.end(),
                     group.dfa.class_of['\n']) == 1,
          "a table does not know the line end");
  require(std::all_of(group.patterns.begin(), group.patterns.end(),
                      [&](std::uint32_t pattern) { return pattern < patterns; }),
          "a table has unknown patterns");
  return group;
}

std::shared_ptr<const DfaGroups> read_groups(Reader& in, std::size_t patterns) {
  auto groups = std::make_shared<DfaGroups>();
  const std::size_t count = in.length(256);
  for (std::size_t i = 0; i < count; ++i) {
    groups->groups.push_back(read_group(in, patterns));
  }
  groups->left = in.numbers();
  std::vector<std::uint32_t> all = groups->left;
  for (const DfaGroup& group : groups->groups) {
    all.insert(all.end(), group.patterns.begin(), group.patterns.end());
  }
  std::sort(all.begin(), all.end());
  require(all.size() == patterns && std::adjacent_find(all.begin(), all.end()) == all.end() &&
              (all.empty() || all.back() < patterns),
          "a pattern has no table, or two");
  return groups;
}

PatternSet read_set(Reader& in) {
  std::vector<Pattern> patterns(in.length(29));
  std::generate(patterns.begin(), patterns.end(), [&in] { return read_pattern(in); });
  Program program = read_program(in);
  std::vector<std::vector<std::string>> required(in.length(4));
  std::generate(required.begin(), required.end(), [&in] { return read_required(in); });
  require(patterns.size() == program.starts.size() && patterns.size() == required.size(),
          "its lists do not fit together");
  PatternSet set = assemble_set(std::move(patterns), std::move(program), std::move(required));
  require(in.number<std::uint32_t>() == set.parts.size(), "its parts do not fit together");
  for (PatternPart& part : set.parts) {
    part.tables = read_groups(in, part.patterns.size());
  }
  require(in.is_at_end(), "something follows behind its end");
  return set;
}

}  // namespace

std::string pack_set(const PatternSet& set) {
  Writer body;
  body.number(static_cast<std::uint32_t>(set.patterns.size()));
  for (const Pattern& pattern : set.patterns) {
    write(body, pattern);
  }
  write(body, *set.program);
  body.number(static_cast<std::uint32_t>(set.required.size()));
  for (const auto& literals : set.required) {
    body.number(static_cast<std::uint32_t>(literals.size()));
    for (const std::string& literal : literals) {
      body.text(literal);
    }
  }
  body.number(static_cast<std::uint32_t>(set.parts.size()));
  for (const PatternPart& part : set.parts) {
    write(body, *tables_of(part));
  }
  const std::string bytes = body.take();
  Writer header;
  header.number(kVersion);
  header.number(checksum(bytes));
  header.number(static_cast<std::uint64_t>(bytes.size()));
  return std::string(kMagic) + header.take() + bytes;
}

Result<PatternSet> unpack_body(std::string_view body, const std::string& name) {
  try {
    Reader in(body);
    return read_set(in);
  } catch (const Damage& damage) {
    return fail(Errc::kInput, "'" + name + "' is damaged: " + damage.what,
                "make it again with --save-db");
  }
}

Result<PatternSet> unpack_set(std::string_view bytes, const std::string& name) {
  if (bytes.substr(0, kMagic.size()) != kMagic || bytes.size() < kHeader) {
    return fail(Errc::kInput, "'" + name + "' is no pattern database",
                "make one with --save-db, or read patterns with -p");
  }
  Reader header(bytes.substr(kMagic.size(), kHeader - kMagic.size()));
  const auto version = header.number<std::uint32_t>();
  const auto sum = header.number<std::uint32_t>();
  const auto size = header.number<std::uint64_t>();
  if (version != kVersion) {
    return fail(Errc::kInput,
                "'" + name + "' has version " + std::to_string(version) +
                    ", and this program knows " + std::to_string(kVersion),
                "make it again with --save-db");
  }
  const std::string_view body = bytes.substr(kHeader);
  if (body.size() != size || checksum(body) != sum) {
    return fail(Errc::kInput,
                "'" + name + "' is damaged: " +
                    (body.size() != size ? "its length is wrong" : "its checksum is wrong"),
                "make it again with --save-db");
  }
  return unpack_body(body, name);
}

}  // namespace marvel::regex
