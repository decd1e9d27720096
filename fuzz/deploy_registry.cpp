// What registries answer: documents, challenges, links, ranges, errors, URLs, and the file of
// credentials. The first byte chooses which.
#include "base/base64.hpp"
#include "deploy/images/challenge.hpp"
#include "deploy/images/credentials.hpp"
#include "deploy/images/link.hpp"
#include "deploy/images/manifest.hpp"
#include "deploy/images/reference.hpp"
#include "deploy/images/registry.hpp"
#include "fuzz/check.hpp"
#include "net/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace marvel::deploy::images;

void documents(const std::string& text) {
  if (const auto manifest = read_manifest(text, "", "fuzz")) {
    FUZZ_LAW(manifest->layers.size() <= 1000 && manifest->manifests.size() <= 1000);
    for (const auto& layer : manifest->layers) {
      FUZZ_LAW(is_digest(layer.digest));
    }
  }
  (void)read_image_config(text, "fuzz");
  (void)read_docker_archive(text, "fuzz");
}

void headers(const std::string& text) {
  for (const auto& challenge : parse_challenges(text)) {
    FUZZ_LAW(!challenge.scheme.empty());
  }
  const auto page = next_page({{"Link", text}}, "https://h.example/v2/_catalog");
  FUZZ_LAW(!page || page->empty() || page->starts_with("https://h.example/"));
  const auto offset = upload_offset({{"Range", text}});
  FUZZ_LAW(!offset || *offset <= (std::uint64_t{1} << 62U));
}

void urls(const std::string& text) {
  if (const auto url = marvel::net::parse_url(text)) {
    const auto again = marvel::net::parse_url(url->text());
    FUZZ_LAW(again && again->text() == url->text());
    FUZZ_LAW(url->text().find('@') == std::string::npos ||
             url->target().find('@') != std::string::npos);
  }
  const auto base = marvel::net::parse_url("https://h.example/a/b?c");
  if (const auto url = marvel::net::resolve(*base, text)) {
    FUZZ_LAW(marvel::net::parse_url(url->text()).has_value());
  }
}

void names(const std::string& text) {
  if (const auto reference = parse_reference(text)) {
    FUZZ_LAW(is_repository(reference->repository));
    const auto again = parse_reference(reference->text());
    FUZZ_LAW(again && again->text() == reference->text());
  }
  (void)parse_place(text);
  (void)parse_platform(text);
}

void credentials(const std::string& text) {
  (void)read_credentials(text, "h.example", "a/b", "fuzz");
  if (const auto bytes = marvel::base64_decode(marvel::base64_encode(text))) {
    FUZZ_LAW(*bytes == text);
  }
  const auto error = registry_error({400, {}, text}, "fuzz");
  for (const char letter : error.message) {
    FUZZ_LAW(static_cast<unsigned char>(letter) >= 32);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      documents(text);
      break;
    case 1:
      headers(text);
      break;
    case 2:
      urls(text);
      break;
    case 3:
      names(text);
      break;
    default:
      credentials(text);
  }
  return 0;
}
