#include "net/lines.hpp"

namespace marvel::net {
namespace {

std::string_view without_cr(std::string_view line) {
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace

Status LineSplitter::push(std::string_view piece, const Take& take) {
  for (auto end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
    if (rest_.size() + end > max_line_) {
      break;
    }
    if (rest_.empty()) {
      MARVEL_TRY_STATUS(take(without_cr(piece.substr(0, end))));
    } else {
      rest_.append(piece.substr(0, end));
      const std::string line = std::move(rest_);
      rest_.clear();
      MARVEL_TRY_STATUS(take(without_cr(line)));
    }
    piece.remove_prefix(end + 1);
  }
  if (rest_.size() + piece.size() > max_line_ &&
      rest_.size() + std::min(piece.find('\n'), piece.size()) > max_line_) {
    return fail(Errc::kUnavailable,
                "the server sent a line longer than " + std::to_string(max_line_) + " bytes");
  }
  rest_.append(piece);
  return {};
}

}  // namespace marvel::net
