#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace marvel::net {

// Makes lines of a body that comes in pieces, as the answer of a watch does.
class LineSplitter {
 public:
  using Take = std::function<Status(std::string_view)>;  // a line without its end

  // A line beyond `max_line` bytes is refused.
  explicit LineSplitter(std::size_t max_line) : max_line_(max_line) {}

  // Hands each line that is complete now to `take`. Ends are \n or \r\n. Fails as `take` does, or
  // with kUnavailable for a line that is too long.
  Status push(std::string_view piece, const Take& take);
  // What has come of the line that is not complete.
  [[nodiscard]] const std::string& rest() const { return rest_; }

 private:
  std::size_t max_line_;
  std::string rest_;
};

}  // namespace marvel::net
