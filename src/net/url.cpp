#include "net/url.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <vector>

namespace marvel::net {
namespace {

constexpr std::size_t kMostText = std::size_t{16} << 10;

bool is_alnum(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
         (letter >= '0' && letter <= '9');
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return lower;
}

std::uint16_t own_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) {
    return static_cast<unsigned char>(letter) > 0x20 && letter != 0x7f;
  });
}

tl::unexpected<Error> bad(std::string_view text, const std::string& why) {
  // A text with user name and password is not shown.
  const bool showable = is_printable(text) && text.size() <= 200 && text.find('@') == text.npos;
  return fail(Errc::kInput,
              (showable ? "'" + std::string(text) + "' is" : "this is") + " no usable URL: " + why);
}

bool is_host(std::string_view host, bool bracketed) {
  return !host.empty() && host.size() <= 255 &&
         std::all_of(host.begin(), host.end(), [bracketed](char letter) {
           return is_alnum(letter) || letter == '.' ||
                  (bracketed ? letter == ':' || letter == '%' : letter == '-' || letter == '_');
         });
}

// "host:port" or "[address]:port" into `url`; empty, or why not.
std::string read_authority(std::string_view text, Url& url) {
  if (text.find('@') != text.npos) {
    return "it holds a user name or password";
  }
  std::string_view port;
  const bool bracketed = text.starts_with('[');
  const auto host_end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && host_end == text.npos) {
    return "the ']' of its address is missing";
  }
  const auto host = text.substr(bracketed ? 1 : 0, bracketed ? host_end - 1 : host_end);
  const auto rest = host_end == text.npos ? "" : text.substr(host_end + (bracketed ? 1 : 0));
  if (!is_host(host, bracketed)) {
    return "it names no host";
  }
  url.host = to_lower(host);
  url.port = own_port(url.scheme);
  if (rest.empty()) {
    return {};
  }
  port = rest.substr(1);
  const auto number = parse_unsigned(port);
  if (rest.front() != ':' || !number || *number == 0 || *number > 65535) {
    return "its port is no number from 1 to 65535";
  }
  url.port = static_cast<std::uint16_t>(*number);
  return {};
}

// "/path?query#fragment" or less.
void read_target(std::string_view text, Url& url) {
  text = text.substr(0, text.find('#'));
  const auto mark = text.find('?');
  url.query = mark == text.npos ? "" : std::string(text.substr(mark + 1));
  url.path = std::string(text.substr(0, mark));
  if (url.path.empty()) {
    url.path = "/";
  }
}

// RFC 3986, 5.2.4.
std::string without_dots(std::string_view path) {
  std::vector<std::string> kept;
  const auto parts = split(path, '/');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i] == "." || parts[i] == "..") {
      if (parts[i] == ".." && !kept.empty()) {
        kept.pop_back();
      }
      if (last) {
        kept.emplace_back();
      }
    } else {
      kept.push_back(parts[i]);
    }
  }
  return "/" + join(kept, "/");
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == host.npos ? host : "[" + host + "]";
  return port == own_port(scheme) ? name : name + ":" + std::to_string(port);
}

std::string Url::endpoint() const {
  return (host.find(':') == host.npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string Url::origin() const {
  return scheme + "://" + authority();
}

std::string Url::target() const {
  return query.empty() ? path : path + "?" + query;
}

std::string Url::text() const {
  return origin() + target();
}

std::string Url::text_for_messages() const {
  return origin() + path;
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMostText || !is_printable(text)) {
    return bad(text, text.size() > kMostText ? "it is longer than 16 KiB"
                                             : "it holds blanks or control characters");
  }
  const auto colon = text.find("://");
  Url url;
  url.scheme = to_lower(text.substr(0, colon));
  if (colon == text.npos || (url.scheme != "http" && url.scheme != "https")) {
    return bad(text, "it does not begin with http:// or https://");
  }
  const auto rest = text.substr(colon + 3);
  const auto authority_end = rest.find_first_of("/?#");
  if (const auto why = read_authority(rest.substr(0, authority_end), url); !why.empty()) {
    return bad(text, why);
  }
  read_target(authority_end == rest.npos ? "" : rest.substr(authority_end), url);
  return url;
}

Result<Url> resolve(const Url& base, std::string_view reference) {
  if (reference.find("://") < reference.find_first_of("/?#")) {
    return parse_url(reference);
  }
  if (reference.starts_with("//")) {
    return parse_url(base.scheme + ":" + std::string(reference));
  }
  if (reference.size() > kMostText || !is_printable(reference)) {
    return bad(reference, "it holds blanks or control characters, or is too long");
  }
  Url url = base;
  if (reference.empty() || reference.starts_with('#')) {
    return url;
  }
  read_target(reference, url);
  if (reference.starts_with('?')) {
    url.path = base.path;
  } else if (!reference.starts_with('/')) {
    url.path = base.path.substr(0, base.path.rfind('/') + 1) + url.path;
  }
  url.path = without_dots(url.path);
  return url;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char letter : text) {
    const bool plain = is_alnum(letter) || letter == '-' || letter == '.' || letter == '_' ||
                       letter == '~' || keep.find(letter) != keep.npos;
    if (plain) {
      encoded += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    encoded += '%';
    encoded += kDigits[byte >> 4U];
    encoded += kDigits[byte & 15U];
  }
  return encoded;
}

}  // namespace marvel::net
