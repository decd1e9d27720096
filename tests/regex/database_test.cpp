#include "regex/database.hpp"

#include "regex/host_finder.hpp"
#include "regex/judge.hpp"
#include "support/fakes.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

PatternSet set_of(const std::vector<std::string>& texts, const PatternOptions& options = {}) {
  test::TestContext context;
  std::vector<Pattern> patterns;
  for (const auto& text : texts) {
    patterns.push_back(command_line_pattern(text, patterns.size() + 1, options));
  }
  return *compile(std::move(patterns), options, context.context.log);
}

std::vector<std::uint32_t> ends_of(const PatternSet& set, const std::string& text) {
  std::vector<std::uint32_t> ends;
  HostFinder(set, std::size_t{1} << 20).find(text, ends);
  return ends;
}

std::vector<std::string> many_patterns() {
  std::vector<std::string> patterns{"[0-9]{5}$", "^$", "\\bab+c?\\b"};
  for (int i = 0; i < 100; ++i) {
    patterns.push_back("rule" + std::to_string(i) + "(x|y)*z");
  }
  return patterns;
}

}  // namespace

TEST_CASE("a set comes back as it was, with its tables") {
  for (const auto& patterns :
       std::vector<std::vector<std::string>>{{"siren"},
                                             {"a.{30}b$", "x"},
                                             {"a\nb", "c\nd"},  // neither can match
                                             {"a\nb", "c\nd", "x"},
                                             {},
                                             many_patterns()}) {
    const PatternSet set = set_of(patterns);
    const std::string bytes = pack_set(set);
    const auto again = unpack_set(bytes, "db");
    REQUIRE(again.has_value());
    CHECK(pack_set(*again) == bytes);
    REQUIRE(again->patterns.size() == patterns.size());
    CHECK(again->parts.size() == set.parts.size());
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      CHECK(again->patterns[i].text == patterns[i]);
      CHECK(again->patterns[i].id == std::to_string(i + 1));
    }
    for (const PatternPart& part : again->parts) {
      CHECK(part.tables != nullptr);
    }
    CounterRng rng(stream_key(31, 0));
    const std::string text = test::random_text(rng, 200) + "siren\nrule7xyz\n12345\n\nabb ab\n";
    CHECK(ends_of(*again, text) == ends_of(set, text));
  }
}

TEST_CASE("foreign, old and damaged files are refused") {
  const std::string bytes = pack_set(set_of({"siren", "dog"}));
  CHECK(unpack_set("", "db").error().message.find("no pattern database") != std::string::npos);
  CHECK(unpack_set("siren\ndog\n", "db").error().code == Errc::kInput);
  std::string newer = bytes;
  newer[8] = 2;
  CHECK(unpack_set(newer, "db").error().message.find("version 2") != std::string::npos);
  CHECK(unpack_set(bytes.substr(0, bytes.size() - 1), "db").error().message.find("length") !=
        std::string::npos);
  CHECK(unpack_set(bytes + "x", "db").error().code == Errc::kInput);
  for (std::size_t at = 24; at < bytes.size(); at += 97) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    CHECK(unpack_set(damaged, "db").error().message.find("checksum") != std::string::npos);
  }
}

TEST_CASE("a body with a good checksum and bad content is refused or harmless") {
  const std::string body = pack_set(set_of({"siren", "do[gt]{2,5}", "x$"})).substr(24);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string damaged = body;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const auto set = unpack_body(damaged, "db");
      refused += set ? 0 : 1;
      if (set) {
        (void)ends_of(*set, "siren\ndogg\nx\n");
      }
    }
  }
  CHECK(refused > body.size());
  for (std::size_t size = 0; size < body.size(); ++size) {
    CHECK_FALSE(unpack_body(std::string_view(body).substr(0, size), "db").has_value());
  }
}

}  // namespace marvel::regex
