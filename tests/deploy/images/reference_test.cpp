#include "deploy/images/reference.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

}  // namespace

TEST_CASE("names without a registry are docker.io's, as engines read them") {
  CHECK(parse_reference("nginx")->text() == "docker.io/library/nginx");
  CHECK(parse_reference("nginx")->version() == "latest");
  CHECK(parse_reference("nvcr.io/nvidia/pytorch:21.10-py3")->registry == "nvcr.io");
  CHECK(parse_reference("confluentinc/cp-kafka:5.3.1")->text() ==
        "docker.io/confluentinc/cp-kafka:5.3.1");
  CHECK(parse_reference("localhost/a")->registry == "localhost");
  CHECK(parse_reference("host:5000/a/b:c")->text() == "host:5000/a/b:c");
  CHECK(parse_reference("a/b", "own:5000")->text() == "own:5000/a/b");
}

TEST_CASE("a digest goes before a tag") {
  const auto reference = parse_reference("h.example/a:1@" + kDigest);
  REQUIRE(reference.has_value());
  CHECK(reference->tag == "1");
  CHECK(reference->version() == kDigest);
  CHECK(reference->text() == "h.example/a:1@" + kDigest);
}

TEST_CASE("what is no reference is refused") {
  for (const std::string text : {"",
                                 ":",
                                 "/",
                                 "a:",
                                 "A/b",
                                 "h.example/",
                                 "h.example/A",
                                 "a b",
                                 "a@sha256:12",
                                 "a@md5:x",
                                 "a:b:c",
                                 "a//b",
                                 "-a",
                                 "a-",
                                 "a/../b",
                                 "h.example/a:-x",
                                 "a___b",
                                 "a..b",
                                 "a:x/y",
                                 "$A/b"}) {
    CAPTURE(text);
    const auto reference = parse_reference(text);
    REQUIRE_FALSE(reference.has_value());
    CHECK(reference.error().code == Errc::kInput);
  }
  CHECK_FALSE(parse_reference("h.example/" + std::string(256, 'a')).has_value());
  CHECK_FALSE(parse_reference("a:" + std::string(129, 'a')).has_value());
  CHECK(parse_reference("a__b/c-d--e.f_g").has_value());
}

TEST_CASE("a place is a registry, or one with a repository") {
  CHECK(parse_place("localhost:5000")->registry == "localhost:5000");
  CHECK(parse_place("localhost:5000/")->repository.empty());
  CHECK(parse_place("localhost:5000/a/b")->repository == "a/b");
  CHECK(parse_place("a/b", "own")->registry == "own");
  CHECK(parse_place("a/b/", "own:1")->registry == "own:1");
  CHECK(parse_place("a/b/", "own:1")->repository == "a/b");
  CHECK(parse_place("", "own:1")->registry == "own:1");
  CHECK_FALSE(parse_place("").has_value());
  CHECK_FALSE(parse_place("h.example/a:1").has_value());
}

}  // namespace marvel::deploy::images
