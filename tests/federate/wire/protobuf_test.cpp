#include "federate/wire/protobuf.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace marvel::federate::wire {

TEST_CASE("numbers of every size are written and read back") {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{300},
        std::uint64_t{1} << 63U, std::numeric_limits<std::uint64_t>::max()}) {
    FieldWriter out;
    out.varint(1, value);
    out.fixed64(2, value);
    out.fixed32(536870911, static_cast<std::uint32_t>(value));
    const Bytes bytes = out.finish();
    FieldReader in(bytes);
    CHECK(in.next()->number == value);
    CHECK(in.next()->number == value);
    const auto last = in.next();
    CHECK(last->number == static_cast<std::uint32_t>(value));
    CHECK(last->id == 536870911);
    CHECK(in.done());
  }
}

TEST_CASE("zigzag keeps small negative numbers small") {
  CHECK(zigzag(0) == 0);
  CHECK(zigzag(-1) == 1);
  CHECK(zigzag(1) == 2);
  for (const std::int64_t value :
       {std::int64_t{-300}, std::int64_t{7}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    CHECK(unzigzag(zigzag(value)) == value);
  }
}

TEST_CASE("large content is referred to, not copied") {
  const std::string large(1000, 'x');
  Bytes content;
  content.append({large, nullptr});
  FieldWriter out;
  out.message(1, content);
  const Bytes bytes = out.finish();
  REQUIRE(bytes.pieces().size() == 2);
  CHECK(bytes.pieces()[1].text.data() == large.data());
}

TEST_CASE("numbers without an end, groups and lengths beyond the end are refused") {
  for (const char* text : {"\x08", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "\x0b",
                           "\x0a\x05x", "\x09\x01\x02", "\x0d\x01", "\x02"}) {
    const Bytes bytes = Bytes::from(text);
    FieldReader in(bytes);
    CHECK_FALSE(in.next().has_value());
  }
}

}  // namespace marvel::federate::wire
