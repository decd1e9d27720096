#pragma once

#include "base/error.hpp"
#include "net/url.hpp"

#include <chrono>
#include <string>

namespace marvel::net {

// Turns libcurl's error codes into errors that say what to do. A pure function of what libcurl has
// said, apart from Exchange, which asks it.
//
// What libcurl says about an exchange that failed, as plain values.
struct CurlFailure {
  int code = 0;             // CURLcode
  std::string words;        // of its error buffer, or of the code
  int os_error = 0;         // errno of the connection, or 0
  bool connecting = false;  // it failed before the request was sent
  // The limits that were in force, to be told when one of them was over. A total of 0 is none.
  std::chrono::milliseconds connect_limit{0};
  std::chrono::milliseconds total_limit{0};
};

// The same in words for people: what failed, with which host, and what to try. `what` names the
// request, as describe() of http.hpp does, so no query and no secret gets into it. The code is one
// of those in http.hpp: kDenied where certificates are not taken by one of the two sides, kTimeout,
// kInput for certificates, keys and URLs that cannot be used, and kUnavailable for all else, codes
// that are not known here included.
Error explain(const CurlFailure& failure, const std::string& what, const Url& url);

// "10 s", "250 ms" Whole seconds where it is some, else milliseconds.
std::string limit_text(std::chrono::milliseconds limit);

}  // namespace marvel::net
