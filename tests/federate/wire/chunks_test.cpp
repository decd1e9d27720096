#include "federate/wire/chunks.hpp"

#include "base/random.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

namespace marvel::federate::wire {
namespace {

std::string text_of(std::size_t size, std::uint64_t seed) {
  CounterRng random(seed);
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>(random.below(256));
  }
  return text;
}

// What comes out of a joiner after all parts.
std::string joined(ChunkJoiner& joiner, const std::vector<Bytes>& parts) {
  std::string whole;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto found = joiner.add(parts[i]);
    REQUIRE(found);
    REQUIRE(found->has_value() == (i + 1 == parts.size()));
    if (found->has_value()) {
      whole = (*found)->text();
    }
  }
  return whole;
}

bool refused(ChunkJoiner& joiner, const Bytes& part) {
  const auto found = joiner.add(part);
  return !found && found.error().code == Errc::kInput;
}

}  // namespace

TEST_CASE("a message comes out as it went in, whatever its size and the limit") {
  ChunkJoiner joiner;
  for (const std::size_t size : {0, 1, 9, 10, 11, 1000}) {
    for (const std::size_t limit : {1, 2, 10, 11, 999, 1000, 5000}) {
      CAPTURE(size);
      CAPTURE(limit);
      const std::string text = "\x22" + text_of(size, size + limit);
      const auto parts = split(Bytes::from(text), limit);
      CHECK(parts.size() == (text.size() + limit - 1) / limit);
      CHECK(joined(joiner, parts) == text);
    }
  }
}

TEST_CASE("what fits goes as it is, so that others than marvel can read it") {
  const auto parts = split(Bytes::from("\x12\x00"), 2);
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].text() == "\x12\x00");
}

TEST_CASE("the bytes of parts are these") {
  const auto parts = split(Bytes::from("abcde"), 3);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].text() == std::string("\xD6\x01\x05\0\0\0\0\0\0\0abc", 13));
  CHECK(parts[1].text() == std::string("\xD6\x01\x05\0\0\0\0\0\0\0de", 12));
}

TEST_CASE("parts that do not belong together are refused, and the next message is read again") {
  const auto five = split(Bytes::from("abcde"), 3);
  const auto six = split(Bytes::from("abcdef"), 3);
  ChunkJoiner joiner;
  const auto begin = [&] { CHECK_FALSE(joiner.add(five[0]).value().has_value()); };
  begin();
  CHECK(refused(joiner, six[1]));  // of another message
  begin();
  CHECK(refused(joiner, five[0]));  // more than the whole
  begin();
  CHECK(refused(joiner, Bytes::from("\x22plain")));
  begin();
  CHECK(refused(joiner, Bytes::from("")));
  CHECK(refused(joiner, Bytes::from("\xD6")));
  CHECK(refused(joiner, five[0].sub(0, 10)));  // a head alone
  CHECK(refused(joiner, Bytes::from(std::string("\xD6\x02\x05\0\0\0\0\0\0\0abc", 13))));
  CHECK(refused(joiner, Bytes::from(std::string("\xD6\x01\0\0\0\0\0\0\0\0abc", 13))));
  CHECK(joined(joiner, five) == "abcde");
}

TEST_CASE("a promise of many bytes costs nothing, and many small parts end") {
  ChunkJoiner joiner;
  const Bytes part = Bytes::from(std::string("\xD6\x01\0\0\0\0\x04\0\0\0.", 11));
  std::size_t parts = 0;
  while (joiner.add(part)) {
    REQUIRE(++parts <= 65536);
  }
  CHECK(parts == 65536);
}

TEST_CASE("who announces more than is expected is refused at the first part") {
  const auto five = split(Bytes::from("abcde"), 3);
  const auto six = split(Bytes::from("abcdef"), 3);
  ChunkJoiner joiner;
  CHECK(refused(joiner, Bytes::from(std::string("\xD6\x01\x01\0\0\0\x04\0\0\0.", 11))));
  joiner.set_longest(5);
  CHECK(refused(joiner, six[0]));
  CHECK(joined(joiner, five) == "abcde");
  CHECK(refused(joiner, six[0]));  // the rule stays after a message
}

TEST_CASE("large parts are not copied, and a small one does not keep what it came in") {
  auto large = std::make_shared<const std::string>(std::string("\xD6\x01\x01\0\x02\0\0\0\0\0", 10) +
                                                   std::string(131072, 'x'));
  const std::weak_ptr<const std::string> memory = large;
  Bytes first;
  first.append({*large, large});
  auto buffer = std::make_shared<const std::string>(
      std::string("\xD6\x01\x01\0\x02\0\0\0\0\0.", 11) + std::string(1000, 'y'));
  const std::weak_ptr<const std::string> rest = buffer;
  Bytes second;
  second.append({std::string_view(*buffer).substr(0, 11), buffer});
  buffer.reset();
  ChunkJoiner joiner;
  CHECK_FALSE(joiner.add(std::move(first)).value().has_value());
  const char* place = large->data() + 10;
  large.reset();
  CHECK_FALSE(memory.expired());
  const auto whole = joiner.add(std::move(second)).value();
  REQUIRE(whole);
  CHECK(whole->size() == 131073);
  CHECK(whole->pieces().front().text.data() == place);
  CHECK(rest.expired());
}

}  // namespace marvel::federate::wire
