#include "report/error_json.hpp"

#include <doctest/doctest.h>

namespace marvel::report {

TEST_CASE("an error is one line of JSON, whatever it quotes") {
  CHECK(error_json({Errc::kInput, "cannot read \"a\n\xff\"", "name another", {"loading"}, ""}) ==
        "{\"error\": {\"code\": \"input\", \"message\": \"loading: cannot read "
        "\\\"a\\n\xef\xbf\xbd\\\"\", "
        "\"hint\": \"name another\"}}");
}

TEST_CASE("an error's own word goes before that of its code") {
  CHECK(error_json({Errc::kDenied, "no", "", {}, "forbidden"}) ==
        "{\"error\": {\"code\": \"forbidden\", \"message\": \"no\", \"hint\": \"\"}}");
}

}  // namespace marvel::report
