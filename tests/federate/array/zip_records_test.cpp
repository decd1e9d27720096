#include "federate/array/zip_records.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

constexpr std::uint64_t kGi = std::uint64_t{1} << 30U;

std::vector<ZipMember> small() {
  return {{"arr_0.npy", 7, 3, 3, 0, 0}, {"arr_1.npy", 9, 2, 5, 42, 8}};
}

}  // namespace

TEST_CASE("a directory is read as it was written, wherever it lies") {
  for (const std::uint64_t offset : {std::uint64_t{100}, 3 * kGi, 5 * kGi}) {
    const std::string tail = zip_directory(small(), offset);
    const auto members = read_zip_directory(tail, offset);
    REQUIRE(members.has_value());
    CHECK(*members == small());
  }
}

TEST_CASE("members beyond 4 GiB go into Zip64 records") {
  const std::vector<ZipMember> members{{"arr_0.npy", 1, 5 * kGi, 5 * kGi, 0, 0},
                                       {"arr_1.npy", 2, 10, 5 * kGi, 5 * kGi + 60, 8},
                                       {"arr_2.npy", 3, 0xffffffff, 0xffffffff, 6 * kGi, 0},
                                       {"arr_3.npy", 4, 1, 1, 11 * kGi, 0}};
  const auto back = read_zip_directory(zip_directory(members, 12 * kGi), 12 * kGi);
  REQUIRE(back.has_value());
  CHECK(*back == members);
  CHECK(zip_local_header(members[0]).size() == 30 + 9 + 20);
  CHECK(zip_local_header(members[0]).substr(18, 8) == std::string(8, '\xff'));
  CHECK(zip_local_header(members[3]).size() == 30 + 9);
}

TEST_CASE("more members than 16 bits can count go into Zip64 records") {
  std::vector<ZipMember> members(65535, small()[0]);
  const auto back = read_zip_directory(zip_directory(members, 0));
  REQUIRE(back.has_value());
  CHECK(back->size() == 65535);
}

TEST_CASE("no cut and no flipped byte of a directory crashes") {
  const std::vector<ZipMember> members{{"arr_0.npy", 1, 5 * kGi, 5 * kGi, 0, 0}};
  const std::string tail = zip_directory(members, 6 * kGi);
  for (std::size_t length = 0; length < tail.size(); ++length) {
    CHECK_FALSE(read_zip_directory(tail.substr(0, length), 6 * kGi).has_value());
  }
  for (std::size_t at = 0; at < tail.size(); ++at) {
    std::string changed = tail;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const auto back = read_zip_directory(changed, 6 * kGi);
    CHECK((!back || back->size() <= 1));
  }
}

TEST_CASE("a member's content is found behind its header, and not beyond the end") {
  ZipMember member{"arr_0.npy", 0, 3, 3, 0, 0};
  const std::string archive = zip_local_header(member) + "abc";
  CHECK(*zip_content(archive, member) == "abc");
  member.packed = 4;
  CHECK_FALSE(zip_content(archive, member).has_value());
  member.offset = archive.size() + 1;
  CHECK_FALSE(zip_content(archive, member).has_value());
}

}  // namespace marvel::federate
