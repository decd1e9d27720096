// The client against a registry that misbehaves on demand; tests/deploy/images/push_test.cpp and
// others meet a real one.
#include "deploy/images/registry.hpp"

#include "deploy/images/check.hpp"
#include "deploy/images/image_builder.hpp"
#include "deploy/images/inventory.hpp"
#include "deploy/images/reference.hpp"
#include "deploy/images/upload.hpp"
#include "support/child.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

class FakeRegistry {
 public:
  FakeRegistry() : child_({"/usr/bin/python3", MARVEL_IMAGES_TESTS "/fake_registry.py"}) {
    port_ = child_.read_line();
    REQUIRE_FALSE(port_.empty());
  }
  Registry client(std::optional<Credential> credential = std::nullopt) const {
    return {{host(), true, {}, std::move(credential)}, never_};
  }
  std::string host() const { return "127.0.0.1:" + port_; }
  std::string log() const {
    net::HttpClient http({}, never_);
    return http.send({.url = "http://127.0.0.1:" + port_ + "/log"})->body;
  }

 private:
  test::Child child_;
  std::string port_;
  StopFlag never_;
};

const Credential kAnna{"anna", "hush"};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What an earlier run leaves: an upload with 1000 bytes of `blob`, and a note of it.
void begin_and_die(const FakeRegistry& server, const std::string& repository, const Blob& blob,
                   const UploadJournal& journal) {
  auto registry = server.client();
  const auto upload = registry.begin_upload(repository);
  REQUIRE(upload.has_value());
  journal.note(server.host(), repository, blob.descriptor.digest, upload->location);
  if (repository != "taken") {
    REQUIRE(registry.append(repository, *upload, std::string(1000, 'q')).has_value());
  }
}

std::size_t uploads(const FakeRegistry& server) {
  const std::string log = server.log();
  std::size_t count = 0;
  for (auto at = log.find("POST"); at != std::string::npos; at = log.find("POST", at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("a token is fetched for the scope that is needed, once") {
  const FakeRegistry server;
  auto registry = server.client(kAnna);
  REQUIRE(registry.find_manifest("bearer", "1").has_value());
  REQUIRE(registry.find_manifest("bearer", "2").has_value());
  const std::string log = server.log();
  CHECK(has(log, "GET /token?service=s&scope=repository:bearer:pull Basic "));
  CHECK(log.find("/token") == log.rfind("/token"));
  CHECK(has(log, "Bearer of-repository:bearer:pull"));
}

TEST_CASE("wrong and missing credentials are denied, in words without them") {
  const FakeRegistry server;
  for (const auto& credential :
       {std::optional<Credential>(), std::optional(Credential{"a", "hush"})}) {
    auto registry = server.client(credential);
    const auto found = registry.find_manifest("bearer", "1");
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == Errc::kDenied);
    CHECK_FALSE(has(describe(found.error()), "hush"));
    CHECK(registry.find_manifest("unknown", "1").error().code == Errc::kDenied);
  }
}

TEST_CASE("a blob in a store elsewhere is fetched there, without our credentials, and checked") {
  const FakeRegistry server;
  auto registry = server.client(kAnna);
  REQUIRE(registry.find_manifest("bearer", "1").has_value());
  const Descriptor good{"x", test::digest_of("elsewhere"), 9, {}, ""};
  CHECK(registry.fetch_blob("bearer", good) == "elsewhere");
  CHECK(has(server.log(), "GET /store/blob -"));
  const Descriptor other{"x", test::digest_of("other"), 9, {}, ""};
  const auto blob = registry.fetch_blob("bearer", other);
  REQUIRE_FALSE(blob.has_value());
  CHECK(has(blob.error().message, "has not the digest"));
}

TEST_CASE("manifests and tags of a registry that leads elsewhere are read there, as nobody") {
  const FakeRegistry server;
  auto registry = server.client(kAnna);
  CHECK(registry.find_manifest("moved", "1")->has_value());
  CHECK(*registry.tags("moved") == std::vector<std::string>{"1", "2"});
  const auto image = *parse_reference(server.host() + "/moved:1");
  CHECK(inspect(registry, image).has_value());
  test::TestContext context;
  const RegistryMaker make = [&](const Reference&) { return server.client(kAnna); };
  const auto rows = check_images({{image.text(), "f:1:1"}}, {}, make, context.context);
  REQUIRE(rows.has_value());
  CHECK(rows->front().state == CheckState::kGood);
  const std::string log = server.log();
  CHECK(has(log, "HEAD /v2/moved/manifests/1 Basic "));
  CHECK(has(log, "HEAD /v2/there/manifests/1 -"));
  CHECK(has(log, "GET /v2/there/manifests/1 -"));
  CHECK(has(log, "GET /v2/there/tags/list?n=1000 -"));
  CHECK(has(log, "GET /v2/there/tags/list?last=1 -"));
}

TEST_CASE("redirects without end are given up") {
  const FakeRegistry server;
  auto registry = server.client();
  CHECK(registry.find_manifest("circle", "1").error().code == Errc::kUnavailable);
  CHECK(registry.fetch_manifest("circle", "1").error().code == Errc::kUnavailable);
}

TEST_CASE("a manifest of another digest than told is refused") {
  const FakeRegistry server;
  auto registry = server.client();
  CHECK(has(registry.fetch_manifest("lying", "1").error().message, "has not the digest"));
  CHECK_FALSE(registry.fetch_manifest("good", "sha256:" + std::string(64, 'a')).has_value());
  CHECK(registry.fetch_manifest("good", "1").has_value());
}

TEST_CASE("all pages of the list are read, sorted") {
  const FakeRegistry server;
  CHECK(*server.client().repositories() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("a busy registry is asked again, one that is broken is told") {
  const FakeRegistry server;
  auto registry = server.client();
  CHECK(registry.find_manifest("busy", "1").has_value());
  const auto down = registry.find_manifest("down", "1");
  REQUIRE_FALSE(down.has_value());
  CHECK(down.error().code == Errc::kUnavailable);
}

TEST_CASE("an upload that is cut in the middle of a chunk goes on from the byte that arrived") {
  const FakeRegistry server;
  auto registry = server.client();
  const auto blob = test::blob_of(std::string(5500, 'q'), kOciGzipLayer);
  std::atomic<std::uint64_t> sent = 0;
  REQUIRE(
      upload_blob(registry, "cut", blob, UploadJournal({}), {1000}, StopFlag(), sent).has_value());
  CHECK(sent == 5500);
  const std::string log = server.log();
  CHECK(log.find("POST") == log.rfind("POST"));  // one upload, never begun anew
}

TEST_CASE("uploads that lead elsewhere or never advance are given up") {
  const FakeRegistry server;
  auto registry = server.client();
  const auto blob = test::blob_of(std::string(5500, 'q'), kOciGzipLayer);
  std::atomic<std::uint64_t> sent = 0;
  for (const auto* const name : {"elsewhere", "stuck"}) {
    const auto done =
        upload_blob(registry, name, blob, UploadJournal({}), {1000}, StopFlag(), sent);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == Errc::kUnavailable);
  }
}

TEST_CASE("an upload goes on although the registry is away for a moment at the beginning") {
  const FakeRegistry server;
  const test::TempDir dir;
  const UploadJournal journal(dir / "uploads");
  const auto blob = test::blob_of(std::string(5500, 'q'), kOciGzipLayer);
  begin_and_die(server, "hiccup", blob, journal);
  auto registry = server.client();
  std::atomic<std::uint64_t> sent = 0;
  REQUIRE(upload_blob(registry, "hiccup", blob, journal, {1000}, StopFlag(), sent).has_value());
  CHECK(sent == 5500);
  CHECK(uploads(server) == 1);
}

TEST_CASE("a stop while the registry is asked about an upload keeps the note of it") {
  const FakeRegistry server;
  const test::TempDir dir;
  const UploadJournal journal(dir / "uploads");
  const auto blob = test::blob_of(std::string(5500, 'q'), kOciGzipLayer);
  begin_and_die(server, "good", blob, journal);
  StopFlag stop;
  stop.raise(2);
  Registry registry({server.host(), true, {}, std::nullopt}, stop);
  std::atomic<std::uint64_t> sent = 0;
  const auto done = upload_blob(registry, "good", blob, journal, {1000}, stop, sent);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message == "stopped");
  CHECK_FALSE(journal.find(server.host(), "good", blob.descriptor.digest).empty());
}

TEST_CASE("an upload of an earlier run that the registry refuses begins anew") {
  const FakeRegistry server;
  const test::TempDir dir;
  const UploadJournal journal(dir / "uploads");
  const auto blob = test::blob_of(std::string(5500, 'q'), kOciGzipLayer);
  auto registry = server.client();
  std::atomic<std::uint64_t> sent = 0;
  begin_and_die(server, "taken", blob, journal);  // 416
  REQUIRE(upload_blob(registry, "taken", blob, journal, {1000}, StopFlag(), sent).has_value());
  CHECK(sent == 5500);
  CHECK(uploads(server) == 2);
  const auto other = test::blob_of(std::string(5500, 'r'), kOciGzipLayer);
  begin_and_die(server, "good", other, journal);  // 1000 wrong bytes: DIGEST_INVALID
  REQUIRE(upload_blob(registry, "good", other, journal, {1000}, StopFlag(), sent).has_value());
  CHECK(sent == 11'000);
  CHECK(uploads(server) == 4);
}

TEST_CASE("of two that send the same blob, the later one leaves the other's upload alone") {
  const FakeRegistry server;
  const test::TempDir dir;
  const UploadJournal journal(dir / "uploads");
  const auto blob = test::blob_of(std::string(5500, 'q'), kOciGzipLayer);
  const std::string& digest = blob.descriptor.digest;
  begin_and_die(server, "good", blob, journal);
  const std::string noted = journal.find(server.host(), "good", digest);
  auto registry = server.client();
  std::atomic<std::uint64_t> sent = 0;
  {
    const auto turn = journal.take_turn(server.host(), "good", digest);
    REQUIRE(turn.has_value());
    CHECK_FALSE(journal.take_turn(server.host(), "good", digest).has_value());
    REQUIRE(upload_blob(registry, "good", blob, journal, {1000}, StopFlag(), sent).has_value());
  }
  CHECK(uploads(server) == 2);
  CHECK(journal.find(server.host(), "good", digest) == noted);
  CHECK(registry.upload_state("good", noted)->offset == 1000);
  CHECK(journal.take_turn(server.host(), "good", digest).has_value());
  CHECK_FALSE(UploadJournal({}).take_turn(server.host(), "good", digest).has_value());
}

TEST_CASE("names and digests that are none are refused, and not repeated") {
  const FakeRegistry server;
  auto registry = server.client();
  const auto tags = registry.tags("rude");
  REQUIRE_FALSE(tags.has_value());
  const auto found = registry.find_manifest("rude", "1");
  REQUIRE_FALSE(found.has_value());
  const auto fetched = registry.fetch_manifest("rude", "1");
  REQUIRE_FALSE(fetched.has_value());
  for (const auto& error : {tags.error(), found.error(), fetched.error()}) {
    CHECK(error.code == Errc::kUnavailable);
    CHECK_FALSE(has(describe(error), "\x1b"));
    CHECK_FALSE(has(describe(error), "[31m"));
  }
}

TEST_CASE("errors of registries are told in their words, without control characters") {
  const auto error = [](int status, const std::string& body) {
    return registry_error({status, {}, body}, "GET x");
  };
  const auto named =
      error(400, R"({"errors":[{"code":"DIGEST_INVALID","message":"bad\u001b[31m"}]})");
  CHECK(named.code == Errc::kInput);
  CHECK(named.message == "GET x was answered with 400 (DIGEST_INVALID, bad [31m)");
  CHECK(error(404, "").code == Errc::kNotFound);
  CHECK(error(403, "<html>").code == Errc::kDenied);
  CHECK(error(429, "").code == Errc::kUnavailable);
  CHECK(error(400, "<html>").code == Errc::kUnavailable);
  for (const auto* const odd :
       {"", "[]", "{\"errors\":5}", "{\"errors\":[]}", "{\"errors\":[5]}"}) {
    CHECK(error(500, odd).message == "GET x was answered with 500");
  }
}

}  // namespace marvel::deploy::images
