#pragma once

#include "base/result.hpp"

// Without it curl_easy_setopt is a macro that only works on the linked function.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

namespace marvel::net {

// libcurl's functions, from the shared library. They are looked up at the first request because
// linking libcurl costs every start of the program its 30 shared libraries, and most commands
// never talk to anybody.
struct CurlLibrary {
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_perform) multi_perform = nullptr;
  decltype(&::curl_multi_poll) multi_poll = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

// The one copy, loaded at the first call; any thread. kUnsupported when there is none or an old
// one.
Result<const CurlLibrary*> curl_library();

}  // namespace marvel::net
