#include "deploy/images/upload.hpp"

#include "deploy/images/image_builder.hpp"
#include "deploy/images/real_registry.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

using test::blob_of;
using test::RealRegistry;

constexpr UploadOptions kSmallChunks{1000};

std::string sample(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>((i * i / 7) % 251);
  }
  return text;
}

}  // namespace

TEST_CASE("a blob of any size against the chunk arrives whole") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  auto registry = server.client();
  const UploadJournal journal({});
  for (const std::size_t size : {0U, 1U, 999U, 1000U, 1001U, 2000U, 5500U}) {
    const auto blob = blob_of(sample(size), kOciGzipLayer);
    std::atomic<std::uint64_t> sent = 0;
    const auto done = upload_blob(registry, "a/b", blob, journal, kSmallChunks, StopFlag(), sent);
    REQUIRE(done.has_value());
    CHECK(sent == size);
    CHECK(registry.fetch_blob("a/b", blob.descriptor) == sample(size));
  }
}

TEST_CASE("an upload goes on where it was when registry and program both died") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  RealRegistry server;
  const test::TempDir dir;
  const UploadJournal journal(dir / "uploads");
  const auto blob = blob_of(sample(5500), kOciGzipLayer);
  const std::string& digest = blob.descriptor.digest;
  {  // the first run: two chunks, then nothing more
    auto registry = server.client();
    auto upload = *registry.begin_upload("a/b");
    upload = *registry.append("a/b", upload, sample(5500).substr(0, 1000));
    upload = *registry.append("a/b", upload, sample(5500).substr(1000, 1000));
    journal.note(server.host(), "a/b", digest, upload.location);
  }
  server.kill();
  server.start();
  auto registry = server.client();
  CHECK(registry.upload_state("a/b", journal.find(server.host(), "a/b", digest))->offset == 2000);
  std::atomic<std::uint64_t> sent = 0;
  REQUIRE(upload_blob(registry, "a/b", blob, journal, kSmallChunks, StopFlag(), sent).has_value());
  CHECK(registry.fetch_blob("a/b", blob.descriptor) == sample(5500));
  CHECK(journal.find(server.host(), "a/b", digest).empty());
}

TEST_CASE("an upload that the registry has forgotten begins anew") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  auto registry = server.client();
  const test::TempDir dir;
  const UploadJournal journal(dir / "uploads");
  const auto blob = blob_of(sample(5500), kOciGzipLayer);
  for (const auto& location : std::vector<std::string>{
           "http://" + server.host() + "/v2/a/b/blobs/uploads/8e0f4f6c-0000-0000-0000-000000000000",
           std::string("nonsense"), std::string("http://127.0.0.1:9/x")}) {
    const auto other = blob_of(sample(5500) + location, kOciGzipLayer);
    journal.note(server.host(), "a/b", other.descriptor.digest, location);
    std::atomic<std::uint64_t> sent = 0;
    CHECK(upload_blob(registry, "a/b", other, journal, kSmallChunks, StopFlag(), sent).has_value());
    CHECK(sent == other.descriptor.size);
  }
}

TEST_CASE("bytes that are not what the digest promises never become a blob") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  const RealRegistry server;
  auto registry = server.client();
  auto blob = blob_of(sample(5500), kOciGzipLayer);
  blob.source = memory_source(sample(5400) + std::string(100, 'x'), "damaged.tar");
  std::atomic<std::uint64_t> sent = 0;
  const auto done =
      upload_blob(registry, "a/b", blob, UploadJournal({}), kSmallChunks, StopFlag(), sent);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == Errc::kInput);
  CHECK(done.error().message.find("damaged.tar") != std::string::npos);
  CHECK(registry.has_blob("a/b", blob.descriptor.digest) == false);
}

TEST_CASE("a registry that stays away is told within ten seconds, a stop at once") {
  if (!RealRegistry::is_installed()) {
    return;
  }
  RealRegistry server;
  const auto blob = blob_of(sample(100), kOciGzipLayer);
  server.kill();
  StopFlag stop;
  Registry registry(server.options(), stop);
  std::atomic<std::uint64_t> sent = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto done = upload_blob(registry, "a/b", blob, UploadJournal({}), kSmallChunks, stop, sent);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == Errc::kUnavailable);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  stop.raise(2);
  CHECK(upload_blob(registry, "a/b", blob, UploadJournal({}), kSmallChunks, stop, sent)
            .error()
            .message == "stopped");
}

TEST_CASE("the journal keeps what it is told, for its owner only, and no longer than a week") {
  const test::TempDir dir;
  const UploadJournal journal(dir / "deep" / "uploads");
  CHECK(journal.find("h", "r", "d").empty());
  journal.note("h", "r", "d", "http://h/upload");
  CHECK(journal.find("h", "r", "d") == "http://h/upload");
  CHECK(journal.find("h", "r", "e").empty());
  struct stat about{};
  REQUIRE(::stat((dir / "deep" / "uploads").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0700U);
  journal.prune();
  CHECK_FALSE(journal.find("h", "r", "d").empty());
  for (const auto& file : std::filesystem::directory_iterator(dir / "deep" / "uploads")) {
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(200));
  }
  journal.prune();
  CHECK(journal.find("h", "r", "d").empty());
  UploadJournal({}).note("h", "r", "d", "x");  // remembers nothing, fails nothing
  UploadJournal({}).prune();
}

}  // namespace marvel::deploy::images
