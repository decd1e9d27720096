#include "net/proxy.hpp"

#include <doctest/doctest.h>

namespace marvel::net {

TEST_CASE("exceptions are names with their subdomains, addresses, networks, ports, or all") {
  CHECK(is_exempt("example.org", "example.org", 80));
  CHECK(is_exempt("example.org", "a.Example.ORG", 80));
  CHECK_FALSE(is_exempt("example.org", "badexample.org", 80));
  CHECK_FALSE(is_exempt(".example.org", "example.org", 80));
  CHECK(is_exempt("x, .example.org", "a.example.org", 80));
  CHECK(is_exempt("*.example.org", "a.example.org", 80));
  CHECK(is_exempt("example.org:8080", "example.org", 8080));
  CHECK_FALSE(is_exempt("example.org:8080", "example.org", 80));
  CHECK(is_exempt("10.0.0.1", "10.0.0.1", 80));
  CHECK(is_exempt("10.0.0.0/8", "10.200.3.4", 443));
  CHECK_FALSE(is_exempt("10.0.0.0/12", "10.200.3.4", 443));
  CHECK_FALSE(is_exempt("10.0.0.0/8", "ten.example", 443));
  CHECK(is_exempt("::1", "::1", 443));
  CHECK(is_exempt("[::1]:443", "::1", 443));
  CHECK_FALSE(is_exempt("[::1]:443", "::1", 80));
  CHECK(is_exempt("fd00::/8", "fd12::1", 443));
  CHECK(is_exempt("*", "anything", 1));
  CHECK_FALSE(is_exempt("", "anything", 1));
  CHECK_FALSE(is_exempt(",,.,10.0.0.0/x,/8,10.0.0.0/99,[", "10.0.0.1", 1));
}

TEST_CASE("the environment says which proxy, small letters win, the other scheme has its own") {
  const auto proxies = proxies_from({{"HTTP_PROXY", "a"},
                                     {"http_proxy", "b"},
                                     {"HTTPS_PROXY", "c"},
                                     {"NO_PROXY", "local.example"}});
  CHECK(proxies.choose(*parse_url("http://x/")) == "b");
  CHECK(proxies.choose(*parse_url("https://x/")) == "c");
  CHECK(proxies.choose(*parse_url("https://local.example/")).empty());
  CHECK(proxies_from({{"ALL_PROXY", "d"}}).choose(*parse_url("http://x/")) == "d");
  CHECK(proxies_from({}).choose(*parse_url("http://x/")).empty());
}

TEST_CASE("this machine itself is asked directly, unless somebody sets a proxy by hand") {
  const auto proxies = proxies_from({{"ALL_PROXY", "p"}, {"NO_PROXY", "a.example"}});
  for (const char* const own :
       {"http://localhost:5000/", "https://LOCALHOST/", "http://127.0.0.1/",
        "https://127.1.2.3:6443/", "https://[::1]:6443/", "http://a.example/"}) {
    CAPTURE(own);
    CHECK(proxies.choose(*parse_url(own)).empty());
  }
  for (const char* const other :
       {"http://localhost.example/", "http://128.0.0.1/", "https://[::2]/"}) {
    CAPTURE(other);
    CHECK(proxies.choose(*parse_url(other)) == "p");
  }
  const Proxies by_hand{"p", "p", ""};
  CHECK(by_hand.choose(*parse_url("https://localhost:6443/")) == "p");
}

TEST_CASE("a web server's HTTP_PROXY is not believed") {
  CHECK(proxies_from({{"REQUEST_METHOD", "GET"}, {"HTTP_PROXY", "evil"}}).for_http.empty());
}

}  // namespace marvel::net
