#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace marvel::net {

// An absolute http or https URL, taken apart (RFC 3986). There is no fragment: it never goes to a
// server. Made by parse_url and resolve, so the parts hold no blanks and no control characters.
// Percent signs stay as they are, in both directions: nothing is decoded, so what a server gets is
// what was written.
//   parse_url("https://Example.org:8443/v2/?n=10")
//   -> https, example.org, 8443, "/v2/", "n=10"
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 address without its brackets
  // The scheme's own where the text has none: 80 or 443.
  std::uint16_t port = 0;
  std::string path;   // begins with "/"
  std::string query;  // what follows "?", or empty

  // "host" or "host:port", the port only where it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
  // "host:port", for messages and connections.
  [[nodiscard]] std::string endpoint() const;
  // "scheme://authority", what credentials belong to (RFC 6454).
  [[nodiscard]] std::string origin() const;
  // "path?query", as it stands in the request line.
  [[nodiscard]] std::string target() const;
  // The whole; parse_url reads it back to the same parts.
  [[nodiscard]] std::string text() const;
  // Without the query, which may hold secrets: for messages.
  [[nodiscard]] std::string text_for_messages() const;
};

// kInput for another scheme, an empty or odd host, a bad port, blanks or control characters, text
// beyond 16 KiB, and for a user name or password inside: those would end up in logs. What is
// refused stands in the message only where it can be shown: never one with an "@".
Result<Url> parse_url(std::string_view text);

// `reference` as it stands in a Location or Link header of an answer from `base`: absolute, or
// "//host/path", "/path", "path", "?query". "." and ".." are resolved (RFC 3986, 5.2). Whoever
// follows it looks at origin() before sending credentials. An empty reference, or one that has only
// a fragment, is `base` itself. kInput as for parse_url.
//   resolve(https://host/v2/app/tags, "?last=7")    https://host/v2/app/tags?last=7
//   resolve(https://host/v2/app/tags, "../b")       https://host/v2/b
Result<Url> resolve(const Url& base, std::string_view reference);

// All bytes but A-Z a-z 0-9 - . _ ~ and those in `keep` as %XX. For one part of a path or a query;
// `keep` is "/" for a path of several. What is encoded already is encoded again.
std::string percent_encode(std::string_view text, std::string_view keep = {});

}  // namespace marvel::net
