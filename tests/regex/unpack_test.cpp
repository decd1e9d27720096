#include "regex/unpack.hpp"

#include "base/file.hpp"
#include "regex/input.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

// `text` packed by the program that users pack with.
std::string packed_by(const std::string& program, const std::string& text) {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "plain", text).has_value());
  const std::string command =
      program + " -c '" + (dir / "plain").string() + "' > '" + (dir / "packed").string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(*-env33-c,concurrency-mt-unsafe)
  return *read_file(dir / "packed");
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) {
    text += "line " + std::to_string(i * 7919 % 100'003) + "\n";
  }
  return text;
}

// All text of `bytes` as a file, or "!" and the error.
std::string read_through_input(const std::string& bytes, bool unpack) {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", bytes).has_value());
  auto input = Input::open((dir / "f").string(), unpack);
  REQUIRE(input.has_value());
  const StopFlag stop;
  std::string text;
  for (Block block;;) {
    const auto more = input->next(block, stop);
    if (!more) {
      return "!" + more.error().message;
    }
    if (!*more) {
      return text;
    }
    text += block.text();
  }
}

const char* const kPrograms[] = {"gzip", "xz"};

}  // namespace

TEST_CASE("what a file is packed with is told from its first bytes") {
  CHECK(packing_of("") == Packing::kNone);
  CHECK(packing_of("plain text") == Packing::kNone);
  CHECK(packing_of("\x1f\x8b\x08") == Packing::kGzip);
  CHECK(packing_of("\x28\xb5\x2f\xfd.") == Packing::kZstd);
  CHECK(packing_of(std::string_view("\xfd\x37\x7a\x58\x5a\x00.", 7)) == Packing::kXz);
  CHECK(Unpacker::make(Packing::kNone) == nullptr);
}

TEST_CASE("packed files are read as the text in them, several in a row as one") {
  const std::string text = long_text();
  for (const std::string program : kPrograms) {
    CAPTURE(program);
    const std::string packed = packed_by(program, text);
    CHECK(read_through_input(packed, true) == text);
    CHECK(read_through_input(packed + packed, true) == text + text);
    CHECK(read_through_input(packed, false) != text);
  }
  // One frame of zstd, stored: RFC 8878, sections 3.1.1 and 3.1.1.2.
  const std::string frame(
      "\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00"
      "ab\n",
      12);
  CHECK(read_through_input(frame, true) == "ab\n");
  CHECK(read_through_input(frame + frame, true) == "ab\nab\n");
}

TEST_CASE("plain text is left alone, however short") {
  for (const std::string text : {"", "\n", "\x1f\n", "a\nb\n"}) {
    CHECK(read_through_input(text, true) == text);
  }
  const std::string text = long_text();
  CHECK(read_through_input(text, true) == text);
}

TEST_CASE("data that are cut off or damaged are refused") {
  const std::string text = long_text();
  for (const std::string program : kPrograms) {
    CAPTURE(program);
    const std::string packed = packed_by(program, text);
    for (const std::size_t size : {packed.size() / 2, packed.size() - 1}) {
      CHECK(read_through_input(packed.substr(0, size), true).find("cut off") != std::string::npos);
    }
    std::string damaged = packed;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
    CHECK(read_through_input(damaged, true).substr(0, 1) == "!");
  }
  CHECK(read_through_input(std::string("\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00"
                                       "a",
                                       10),
                           true)
            .find("cut off") != std::string::npos);
  // Behind gzip's data, what is none of it is left out, as gzip does.
  CHECK(read_through_input(packed_by("gzip", "a\n") + "rubbish", true) == "a\n");
}

}  // namespace marvel::regex
