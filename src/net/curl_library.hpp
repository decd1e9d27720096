#pragma once

#include "base/result.hpp"

// Without it curl_easy_setopt is a macro that only works on the linked function.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

namespace marvel::net {

// libcurl's functions, from the shared library. They are looked up at the first request because
// linking libcurl costs every start of the program its 30 shared libraries, and most commands never
// talk to anybody (docs/design/001-layout.md). Whoever talks HTTP uses http.hpp; this header is for
// the files of this folder alone. A function that is used must stand here and in look_up_all. All
// are set in the one object there is.
//   MARVEL_TRY(const CurlLibrary* curl, curl_library());
//   CURL* handle = curl->easy_init();
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
// one. Old is before 7.87, whose CURLOPT_QUICK_EXIT lets a stop end a look-up of a name. The
// pointer is good until the program ends, because the library is never closed: its threads and
// OpenSSL's exit handlers outlive every client. A failure is remembered, too; it is not tried
// again.
Result<const CurlLibrary*> curl_library();

}  // namespace marvel::net
