#pragma once

#include "base/error.hpp"
#include "net/url.hpp"

#include <chrono>
#include <string>

namespace marvel::net {

// What libcurl says about an exchange that failed, as plain values.
struct CurlFailure {
  int code = 0;             // CURLcode
  std::string words;        // of its error buffer, or of the code
  int os_error = 0;         // errno of the connection, or 0
  bool connecting = false;  // it failed before the request was sent
  std::chrono::milliseconds connect_limit{0};
  std::chrono::milliseconds total_limit{0};
};

// The same in words for people. `what` names the request.
Error explain(const CurlFailure& failure, const std::string& what, const Url& url);

// "10 s", "250 ms"
std::string limit_text(std::chrono::milliseconds limit);

}  // namespace marvel::net
