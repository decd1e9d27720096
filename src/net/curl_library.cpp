#include "net/curl_library.hpp"

#include <dlfcn.h>
#include <string>

namespace marvel::net {
namespace {

constexpr const char* kFile = "libcurl.so.4";
constexpr unsigned kOldest = 0x075700;  // 7.87: CURLOPT_QUICK_EXIT, so that a stop is quick

template <class Function>
bool look_up(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool look_up_all(void* library, CurlLibrary& curl) {
  return look_up(library, "curl_easy_init", curl.easy_init) &&
         look_up(library, "curl_easy_cleanup", curl.easy_cleanup) &&
         look_up(library, "curl_easy_setopt", curl.easy_setopt) &&
         look_up(library, "curl_easy_getinfo", curl.easy_getinfo) &&
         look_up(library, "curl_easy_strerror", curl.easy_strerror) &&
         look_up(library, "curl_multi_init", curl.multi_init) &&
         look_up(library, "curl_multi_cleanup", curl.multi_cleanup) &&
         look_up(library, "curl_multi_add_handle", curl.multi_add_handle) &&
         look_up(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
         look_up(library, "curl_multi_perform", curl.multi_perform) &&
         look_up(library, "curl_multi_poll", curl.multi_poll) &&
         look_up(library, "curl_multi_info_read", curl.multi_info_read) &&
         look_up(library, "curl_slist_append", curl.slist_append) &&
         look_up(library, "curl_slist_free_all", curl.slist_free_all);
}

Result<CurlLibrary> load() {
  // Never closed: its threads and OpenSSL's exit handlers outlive every client.
  void* library = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fail(Errc::kUnsupported,
                std::string("talking to servers needs ") + kFile + ", which cannot be loaded",
                "install the package libcurl4");
  }
  CurlLibrary curl;
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_version_info) version_info = nullptr;
  if (!look_up_all(library, curl) || !look_up(library, "curl_global_init", global_init) ||
      !look_up(library, "curl_version_info", version_info) ||
      version_info(CURLVERSION_NOW)->version_num < kOldest) {
    return fail(Errc::kUnsupported, std::string(kFile) + " is older than 7.87",
                "install a newer package libcurl4");
  }
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(Errc::kUnsupported, std::string(kFile) + " does not start");
  }
  return curl;
}

}  // namespace

Result<const CurlLibrary*> curl_library() {
  static const Result<CurlLibrary> kLibrary = load();
  if (!kLibrary) {
    return fail(kLibrary.error());
  }
  return &*kLibrary;
}

}  // namespace marvel::net
