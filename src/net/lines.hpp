#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace marvel::net {

// Makes lines of a body that comes in pieces, as the answer of a watch does: Kubernetes sends one
// JSON document per line for as long as the watch lasts. Pieces end anywhere, inside of a line end
// too; the lines are the same however they arrive. Memory is one line. One thread at a time.
//   LineSplitter lines(1 << 20);
//   client.send(request, [&](std::string_view piece) { return lines.push(piece, take); });
class LineSplitter {
 public:
  // The view is good during the call only.
  using Take = std::function<Status(std::string_view)>;  // a line without its end

  // A line beyond `max_line` bytes is refused. Bytes without \n, a \r counted.
  explicit LineSplitter(std::size_t max_line) : max_line_(max_line) {}

  // Hands each line that is complete to `take`, in order, before it returns. Ends are \n or \r\n.
  // Fails as `take` does, or with kUnavailable for a line that is too long, which it tells before
  // the line has ended. After a failure lines may be missing, so this object is not to be used any
  // more.
  Status push(std::string_view piece, const Take& take);
  // What has come of the line that is not complete. At the end of the body that is a last line
  // without an end, or one that was cut off: which of them it is only the protocol knows.
  [[nodiscard]] const std::string& rest() const { return rest_; }

 private:
  std::size_t max_line_;
  std::string rest_;
};

}  // namespace marvel::net
