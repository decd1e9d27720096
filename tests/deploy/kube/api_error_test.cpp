#include "deploy/kube/api_error.hpp"

#include <doctest/doctest.h>

namespace marvel::kube {

TEST_CASE("each HTTP status has its code and its word") {
  struct Row {
    int status;
    Errc code;
    const char* reason;
  };
  for (const Row& row :
       {Row{400, Errc::kInput, "rejected"}, Row{422, Errc::kInput, "rejected"},
        Row{401, Errc::kDenied, "unauthorized"}, Row{403, Errc::kDenied, "forbidden"},
        Row{404, Errc::kNotFound, "not_found"}, Row{409, Errc::kConflict, "conflict"},
        Row{410, Errc::kConflict, "expired"}, Row{504, Errc::kTimeout, "timeout"},
        Row{429, Errc::kUnavailable, "unavailable"}, Row{500, Errc::kUnavailable, "unavailable"}}) {
    CAPTURE(row.status);
    const Error error = to_error(read_status(row.status, ""), "x");
    CHECK(error.code == row.code);
    CHECK(error.reason == row.reason);
  }
}

TEST_CASE("a Status is read with its causes, each once") {
  const ApiStatus status =
      read_status(409, R"({"kind":"Status","reason":"Conflict","message":"m","details":
    {"causes":[{"reason":"r","message":"c","field":".f"},{"reason":"r","message":"c","field":".f"},{}]}})");
  CHECK(status.reason == "Conflict");
  CHECK(status.message == "m");
  REQUIRE(status.causes.size() == 2);
  CHECK(status.causes[0] == Cause{"r", "c", ".f"});
}

TEST_CASE("any other body is shown in part, without control characters") {
  const ApiStatus status = read_status(502, "<html>\x1b[31mBad gateway" + std::string(1000, '!'));
  CHECK(status.message.rfind("the server answered 502: <html> [31mBad gateway", 0) == 0);
  CHECK(status.message.size() < 300);
}

TEST_CASE("no prefix of a Status does harm") {
  const std::string whole =
      R"({"kind":"Status","details":{"causes":[{"field":"\u00e9"}]},"code":404})";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    CHECK(read_status(404, whole.substr(0, length)).code == 404);
  }
}

}  // namespace marvel::kube
