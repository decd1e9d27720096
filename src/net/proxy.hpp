#pragma once

#include "base/env.hpp"
#include "net/url.hpp"

#include <string>

namespace marvel::net {

// Which requests go through which proxy, a pure function of settings and URL. A proxy is written as
// curl reads it: "[http|https|socks5|socks5h://][user:password@]host[:port]". It may hold a
// password, so it is never shown. The rules are worked out here, because libcurl would ask the
// environment itself.
//   const Proxies proxies = proxies_from(environment);
//   proxies.choose(url);  // "http://proxy.example.org:3128", or ""
struct Proxies {
  std::string for_http;   // for http URLs; empty: none
  std::string for_https;  // for https URLs; empty: none
  // Hosts that are reached directly, by commas: a name (which covers its subdomains), ".name" or
  // "*.name" (the subdomains only), an address, a network as "10.0.0.0/8", each but the network
  // with ":port" if it shall hold for that port only; "*" is all.
  std::string exceptions;

  // The proxy for `url`, or empty for none. The exceptions hold for both schemes. Nothing is looked
  // up: a host that is given by its name is not covered by the network that its address lies in.
  [[nodiscard]] std::string choose(const Url& url) const;
};

// HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, the lower-case names first. HTTP_PROXY in
// capitals is ignored beside REQUEST_METHOD: there a web server may have made it of a request's
// header "Proxy". ALL_PROXY stands in for either of the other two. localhost and the addresses
// 127.0.0.0/8 and ::1 are always exceptions, as for programs in Go. What the variables hold is not
// checked here; a proxy that makes no sense fails at the first request.
Proxies proxies_from(const Environment& environment);

// Whether `exceptions` cover host and port. `host` is as in Url, an IPv6 address without brackets.
// Entries that make no sense cover nothing. Blanks around an entry do not count, nor does the case
// of letters.
bool is_exempt(const std::string& exceptions, const std::string& host, std::uint16_t port);

}  // namespace marvel::net
