#include "deploy/images/upload.hpp"

#include "base/file.hpp"
#include "net/sha256.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <utility>

namespace marvel::deploy::images {
namespace {

using namespace std::chrono_literals;

constexpr int kMostTries = 6;
constexpr std::size_t kMostLocation = 8192;

// A blob's bytes in order, with the digest of all that went by.
class HashingReader {
 public:
  static Result<HashingReader> make(const Blob& blob) {
    MARVEL_TRY(auto digest, net::Sha256::make());
    return HashingReader(blob, std::move(digest));
  }

  // The next `count` bytes, fewer only at the end.
  Result<std::string> take(std::uint64_t count) {
    std::string bytes(count, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      MARVEL_TRY(const auto got, reader_->read(bytes.data() + filled, bytes.size() - filled));
      if (got == 0) {
        break;
      }
      filled += got;
    }
    bytes.resize(filled);
    digest_.update(bytes);
    return bytes;
  }

  std::string digest() { return "sha256:" + digest_.hex(); }

 private:
  HashingReader(const Blob& blob, net::Sha256 digest)
      : reader_(std::make_unique<BlobReader>(blob)), digest_(std::move(digest)) {}

  std::unique_ptr<BlobReader> reader_;
  net::Sha256 digest_;
};

bool is_away(const Error& error) {
  return error.code == Errc::kUnavailable || error.code == Errc::kTimeout;
}

// Whether the registry has answered about an upload that it cannot be gone on with. (No permission
// may mean that the key in its location is too old; to begin anew says whether it means us.)
bool is_lost(const Error& error) {
  return error.code == Errc::kNotFound || error.code == Errc::kInput || error.code == Errc::kDenied;
}

// One upload from where it stands to its end.
class Sender {
 public:
  Sender(Registry& registry, const std::string& repository, const Blob& blob,
         const UploadJournal& journal, const UploadOptions& options, const StopFlag& stop,
         std::atomic<std::uint64_t>& sent)
      : registry_(registry),
        repository_(repository),
        blob_(blob),
        journal_(journal),
        options_(options),
        stop_(stop),
        sent_(sent) {}

  // Again from the start when the registry forgets the upload meanwhile.
  Status run() {
    for (int round = 0;; ++round) {
      const std::uint64_t counted = counted_;
      const Status done = run_once(round == 0);
      const bool again = !done && forgotten_ && round + 1 < kMostTries;
      if (done || !again) {
        return done;
      }
      sent_ -= counted_ - counted;
      counted_ = counted;
    }
  }

 private:
  Status run_once(bool may_go_on) {
    forgotten_ = false;
    MARVEL_TRY_STATUS(begin(may_go_on));
    MARVEL_TRY(auto reader, HashingReader::make(blob_));
    MARVEL_TRY_STATUS(skip(reader));
    const std::uint64_t size = blob_.descriptor.size;
    while (size - upload_.offset > options_.chunk) {
      MARVEL_TRY(const std::string bytes, reader.take(options_.chunk));
      MARVEL_TRY_STATUS(send_chunk(bytes));
      journal_.note(registry_.host(), repository_, blob_.descriptor.digest, upload_.location);
    }
    MARVEL_TRY(const std::string rest, reader.take(size - upload_.offset + 1));
    if (upload_.offset + rest.size() != size || reader.digest() != blob_.descriptor.digest) {
      return fail(
          Errc::kInput,
          "'" + blob_.source->name() + "' holds other bytes than " + blob_.descriptor.digest,
          "the archive is damaged; save the image anew");
    }
    MARVEL_TRY_STATUS(send_last(rest));
    journal_.forget(registry_.host(), repository_, blob_.descriptor.digest);
    return {};
  }

  // Where an earlier run stopped, or a new upload.
  Status begin(bool may_go_on) {
    const std::string known =
        may_go_on ? journal_.find(registry_.host(), repository_, blob_.descriptor.digest) : "";
    resumed_ = false;
    if (!known.empty()) {
      auto state = registry_.upload_state(repository_, known);
      if (!state && is_away(state.error())) {
        state = state_when_back(known, state.error(), 1);
      }
      if (state && state->offset <= blob_.descriptor.size) {
        upload_ = std::move(*state);
        resumed_ = true;
        return {};
      }
      if (!state && !is_lost(state.error())) {
        return fail(state.error());  // a stop, or still away: the next run may go on
      }
      journal_.forget(registry_.host(), repository_, blob_.descriptor.digest);
    }
    MARVEL_TRY(upload_, registry_.begin_upload(repository_));
    return {};
  }

  // Reads what the registry has already.
  Status skip(HashingReader& reader) {
    constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
    for (std::uint64_t left = upload_.offset; left > 0;) {
      if (stop_.raised()) {
        return fail(Errc::kFailed, "stopped");
      }
      MARVEL_TRY(const std::string bytes, reader.take(std::min(left, kPiece)));
      if (bytes.empty()) {
        return {};  // too short; the digest will tell
      }
      left -= bytes.size();
    }
    count(upload_.offset);
    return {};
  }

  Status send_chunk(const std::string& bytes) {
    const std::uint64_t begin = upload_.offset;
    const std::uint64_t end = begin + bytes.size();
    for (int tries = 1;; ++tries) {
      auto next = registry_.append(repository_, upload_, bytes.substr(upload_.offset - begin));
      if (next) {
        upload_ = std::move(*next);
      } else {
        MARVEL_TRY_STATUS(recover(next.error(), tries, begin, end));
      }
      if (upload_.offset == end) {
        count(bytes.size());
        return {};
      }
      if (upload_.offset < begin || upload_.offset > end || tries > kMostTries) {
        return forget("the registry counts other bytes than were sent");
      }
    }
  }

  Status send_last(const std::string& bytes) {
    const std::uint64_t begin = upload_.offset;
    const std::string& digest = blob_.descriptor.digest;
    for (int tries = 1;; ++tries) {
      const Status done =
          registry_.finish(repository_, upload_, bytes.substr(upload_.offset - begin), digest);
      if (done) {
        count(bytes.size());
        return {};
      }
      // It may have been taken although the answer was lost.
      const Status again = recover(done.error(), tries, begin, blob_.descriptor.size);
      if (!again && forgotten_ && registry_.has_blob(repository_, digest).value_or(false)) {
        count(bytes.size());
        return {};
      }
      MARVEL_TRY_STATUS(again);
    }
  }

  // After a failure: waits, then asks how far the upload is.
  Status recover(const Error& error, int tries, std::uint64_t begin, std::uint64_t end) {
    if (resumed_ && error.code == Errc::kInput) {
      return forget(error.message);  // what the earlier run left is not what was thought
    }
    if (!is_away(error) && error.code != Errc::kNotFound) {
      return fail(error);
    }
    auto state = state_when_back(upload_.location, error, tries);
    if (state && state->offset >= begin && state->offset <= end) {
      upload_ = std::move(*state);
      return {};
    }
    if (state || is_lost(state.error())) {
      return forget(state ? "the registry lost a part of it" : state.error().message);
    }
    return fail(state.error());
  }

  // Waits, then asks how far the upload is, again while the registry is away; `error` when it stays
  // away.
  Result<Upload> state_when_back(const std::string& location, const Error& error, int tries) {
    for (; tries < kMostTries; ++tries) {
      for (auto left = 100ms * (1 << tries); left > 0ms; left -= 50ms) {
        if (stop_.raised()) {
          return fail(Errc::kFailed, "stopped");
        }
        std::this_thread::sleep_for(50ms);
      }
      auto state = registry_.upload_state(repository_, location);
      if (state || !is_away(state.error())) {
        return state;
      }
    }
    return fail(error);
  }

  Status forget(const std::string& why) {
    forgotten_ = true;
    journal_.forget(registry_.host(), repository_, blob_.descriptor.digest);
    return fail(Errc::kUnavailable, "the upload of " + blob_.descriptor.digest + " broke: " + why);
  }

  void count(std::uint64_t bytes) {
    sent_ += bytes;
    counted_ += bytes;
  }

  Registry& registry_;
  const std::string& repository_;
  const Blob& blob_;
  const UploadJournal& journal_;
  const UploadOptions& options_;
  const StopFlag& stop_;
  std::atomic<std::uint64_t>& sent_;
  Upload upload_;
  std::uint64_t counted_ = 0;
  bool resumed_ = false;    // an earlier run began this upload
  bool forgotten_ = false;  // the registry does not know the upload any more
};

}  // namespace

std::filesystem::path UploadJournal::file(const std::string& registry,
                                          const std::string& repository,
                                          const std::string& digest) const {
  const auto name = net::sha256_hex(registry + "\n" + repository + "\n" + digest);
  return folder_.empty() || !name ? std::filesystem::path() : folder_ / *name;
}

std::string UploadJournal::find(const std::string& registry, const std::string& repository,
                                const std::string& digest) const {
  const auto path = file(registry, repository, digest);
  std::error_code ignored;
  if (path.empty() || !std::filesystem::exists(path, ignored)) {
    return {};
  }
  const auto text = read_file(path);
  return text && text->size() <= kMostLocation ? *text : std::string();
}

void UploadJournal::note(const std::string& registry, const std::string& repository,
                         const std::string& digest, const std::string& location) const {
  const auto path = file(registry, repository, digest);
  if (path.empty()) {
    return;
  }
  make_folder();
  if (!write_file_atomically(path, location)) {
    forget(registry, repository, digest);
  }
}

void UploadJournal::make_folder() const {
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  ::chmod(folder_.c_str(), S_IRWXU);  // before the first secret is inside
}

std::optional<UploadJournal::Turn> UploadJournal::take_turn(const std::string& registry,
                                                            const std::string& repository,
                                                            const std::string& digest) const {
  const auto path = file(registry, repository, digest);
  if (path.empty()) {
    return std::nullopt;
  }
  make_folder();
  const std::string name = path.filename().string();
  auto lock = FolderLock::take(folder_, {name, "folder of uploads", ""});
  if (!lock) {
    return std::nullopt;
  }
  return std::optional<Turn>(std::in_place, folder_ / (name + ".lock"), std::move(*lock));
}

UploadJournal::Turn::~Turn() {
  if (lock_.is_held()) {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
}

void UploadJournal::forget(const std::string& registry, const std::string& repository,
                           const std::string& digest) const {
  std::error_code ignored;
  std::filesystem::remove(file(registry, repository, digest), ignored);
}

void UploadJournal::prune() const {
  std::error_code error;
  const auto week_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(7 * 24);
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (const auto time = entry->last_write_time(ignored); !ignored && time < week_ago) {
      std::filesystem::remove(entry->path(), ignored);
    }
  }
}

Status upload_blob(Registry& registry, const std::string& repository, const Blob& blob,
                   const UploadJournal& journal, const UploadOptions& options, const StopFlag& stop,
                   std::atomic<std::uint64_t>& sent) {
  const auto turn = journal.take_turn(registry.host(), repository, blob.descriptor.digest);
  const UploadJournal none({});
  return Sender(registry, repository, blob, turn ? journal : none, options, stop, sent).run();
}

}  // namespace marvel::deploy::images
