#include "net/url.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::net {

TEST_CASE("a URL comes apart and goes together again") {
  const auto url = parse_url("HTTPS://Example.org:8443/a/b?c=d&e#part");
  REQUIRE(url.has_value());
  CHECK(url->scheme == "https");
  CHECK(url->host == "example.org");
  CHECK(url->port == 8443);
  CHECK(url->path == "/a/b");
  CHECK(url->query == "c=d&e");
  CHECK(url->text() == "https://example.org:8443/a/b?c=d&e");
  CHECK(url->text_for_messages() == "https://example.org:8443/a/b");
}

TEST_CASE("ports of the scheme's own are left out of the origin, not of the endpoint") {
  const auto url = parse_url("http://[::1]");
  REQUIRE(url.has_value());
  CHECK(url->text() == "http://[::1]/");
  CHECK(url->endpoint() == "[::1]:80");
  CHECK(parse_url("https://h:443/x")->origin() == "https://h");
  CHECK(parse_url("https://h:80/x")->origin() == "https://h:80");
}

TEST_CASE("what is no usable URL is refused, and a password inside is not shown") {
  for (const auto* const text :
       {"", "http://", "http:///x", "//host", "host:5000", "ftp://h/", "http://h:0/", "http://h:x/",
        "http://h:65536/", "http://h x/", "http://h/\n", "http://[::1/", "http://[::1]x/",
        "http://[]/", "http://a%00b/", "http://h:/", "https://u:hush@h/"}) {
    CAPTURE(text);
    const auto url = parse_url(text);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().code == Errc::kInput);
    CHECK(url.error().message.find("hush") == std::string::npos);
  }
  CHECK_FALSE(parse_url("http://h/" + std::string(20'000, 'a')).has_value());
}

TEST_CASE("references resolve as RFC 3986 shows in 5.4") {
  const auto base = *parse_url("http://a/b/c/d?q");
  const std::vector<std::pair<std::string, std::string>> table{
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"", "http://a/b/c/d?q"},
      {".", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"g/../h", "http://a/b/c/h"},
      {"https://x:1/y", "https://x:1/y"},
      {"/v2/x?_state=a/b%3D://", "http://a/v2/x?_state=a/b%3D://"}};
  for (const auto& [reference, wanted] : table) {
    CAPTURE(reference);
    const auto url = resolve(base, reference);
    REQUIRE(url.has_value());
    CHECK(url->text() == wanted);
  }
  CHECK_FALSE(resolve(base, "a b").has_value());
  CHECK_FALSE(resolve(base, "file:///etc/passwd").has_value());
}

TEST_CASE("percent encoding leaves what RFC 3986 calls unreserved, and what is asked for") {
  CHECK(percent_encode("aZ9-._~/ \xc3\xa4&") == "aZ9-._~%2F%20%C3%A4%26");
  CHECK(percent_encode("a/b:c", "/:") == "a/b:c");
}

}  // namespace marvel::net
