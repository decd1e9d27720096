#include "federate/array/bytes.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("bytes in pieces read as one run, from any offset") {
  Bytes bytes = Bytes::from("hello ");
  bytes.append({"", nullptr});
  bytes.append({"wor", nullptr});
  bytes.append(Bytes::from("ld"));
  CHECK(bytes.pieces().size() == 3);
  const std::string whole = "hello world";
  for (std::size_t from = 0; from <= whole.size(); ++from) {
    for (std::size_t length = 0; from + length <= whole.size(); ++length) {
      CHECK(bytes.text(from, length) == whole.substr(from, length));
      CHECK(bytes.sub(from, length).text() == whole.substr(from, length));
    }
  }
  CHECK(bytes.run(0) == "hello ");
  CHECK(bytes.run(5) == " ");
  CHECK(bytes.run(6) == "wor");
  CHECK(bytes.run(10) == "d");
}

TEST_CASE("a part keeps the memory alive after the whole has gone") {
  Bytes part;
  {
    const Bytes whole = Bytes::from("a long text that lives on the heap");
    part = whole.sub(2, 4);
  }
  CHECK(part.text() == "long");
}

}  // namespace marvel::federate
