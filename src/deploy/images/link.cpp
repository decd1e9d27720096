#include "deploy/images/link.hpp"

#include "base/text.hpp"
#include "net/url.hpp"

namespace marvel::deploy::images {

Result<std::string> next_page(const net::Headers& headers, const std::string& url) {
  const std::string field = headers.get("Link").value_or("");
  const auto begin = field.find('<');
  const auto end = field.find('>');
  if (begin == field.npos || end == field.npos || end < begin ||
      field.find("next", end) == field.npos) {
    return std::string();
  }
  MARVEL_TRY(const auto base, net::parse_url(url));
  MARVEL_TRY(const auto next, net::resolve(base, field.substr(begin + 1, end - begin - 1)));
  if (next.origin() != base.origin() || next.text() == url) {
    return fail(Errc::kUnavailable, base.origin() + " names a next page that cannot be its own");
  }
  return next.text();
}

std::optional<std::uint64_t> upload_offset(const net::Headers& headers) {
  const auto field = headers.get("Range");
  if (!field) {
    return std::nullopt;
  }
  const auto dash = field->find('-');
  const auto equals = field->find('=');  // "bytes=0-9", from some registries
  const auto begin = equals == field->npos ? 0 : equals + 1;
  if (dash == field->npos || dash < begin || trim(field->substr(begin, dash - begin)) != "0") {
    return std::nullopt;
  }
  const auto last = parse_unsigned(trim(std::string_view(*field).substr(dash + 1)));
  if (!last || *last >> 62U != 0) {
    return std::nullopt;
  }
  return *last == 0 ? 0 : *last + 1;
}

}  // namespace marvel::deploy::images
