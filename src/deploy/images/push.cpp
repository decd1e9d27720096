// Steps: 1. is it there already? 2. blobs, several at a time; 3. documents, children first;
// 4. the tag.
#include "deploy/images/push.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

namespace marvel::deploy::images {
namespace {

using namespace std::chrono_literals;

// The blobs, handed out to workers.
class BlobPush {
 public:
  BlobPush(const ArchiveImage& image, const Reference& target, const PushOptions& options)
      : image_(image), target_(target), options_(options), journal_(options.journal) {}

  Status run(Context& context) {
    journal_.prune();
    std::uint64_t total = 0;
    for (const auto& blob : image_.blobs) {
      total += blob.descriptor.size;
    }
    context.progress.begin("pushing", total);
    const auto count = std::min(image_.blobs.size(), static_cast<std::size_t>(options_.jobs));
    working_ = count;
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < count; ++i) {
      workers.emplace_back([this] { work(); });
    }
    while (working_ > 0) {
      if (context.stop.raised()) {
        stop_.raise(context.stop.signal());
      }
      context.progress.update(std::min(done_.load(), total), "");
      std::this_thread::sleep_for(20ms);
    }
    for (auto& worker : workers) {
      worker.join();
    }
    context.progress.end();
    return error_ ? Status(fail(*error_)) : Status();
  }

  void report(PushReport& report) const {
    report.there = there_;
    report.mounted = mounted_;
    report.uploaded = uploaded_;
    report.bytes = uploaded_bytes_;
  }

 private:
  void work() {
    Registry registry(options_.registry, stop_);
    for (auto i = next_++; i < image_.blobs.size() && !stop_.raised(); i = next_++) {
      if (const Status done = bring(registry, image_.blobs[i]); !done) {
        const std::lock_guard lock(mutex_);
        if (!error_) {
          error_ = done.error();
        }
        stop_.raise(1);  // the others need not go on
      }
    }
    --working_;
  }

  Status bring(Registry& registry, const Blob& blob) {
    const std::string& digest = blob.descriptor.digest;
    MARVEL_TRY(const bool there, registry.has_blob(target_.repository, digest));
    if (there) {
      journal_.forget(registry.host(), target_.repository, digest);
      ++there_;
      done_ += blob.descriptor.size;
      return {};
    }
    for (const auto& from : options_.mount_from) {
      const auto mounted = registry.mount_blob(target_.repository, digest, from);
      if (mounted.value_or(false)) {  // whatever else it says, uploading is the way
        ++mounted_;
        done_ += blob.descriptor.size;
        return {};
      }
    }
    MARVEL_TRY_STATUS(
        upload_blob(registry, target_.repository, blob, journal_, options_.upload, stop_, done_));
    ++uploaded_;
    uploaded_bytes_ += blob.descriptor.size;
    return {};
  }

  const ArchiveImage& image_;
  const Reference& target_;
  const PushOptions& options_;
  UploadJournal journal_;
  StopFlag stop_;  // the user's, or that one worker failed
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> working_ = 0;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> there_ = 0;
  std::atomic<std::uint64_t> mounted_ = 0;
  std::atomic<std::uint64_t> uploaded_ = 0;
  std::atomic<std::uint64_t> uploaded_bytes_ = 0;
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<PushReport> push(const ArchiveImage& image, const Reference& target,
                        const PushOptions& options, Context& context) {
  PushReport report;
  const Document& top = image.documents.back();
  report.digest = top.digest;
  if (!target.digest.empty() && target.digest != top.digest) {
    return fail(Errc::kInput, "the archive holds " + top.digest + ", not " + target.digest);
  }
  Registry registry(options.registry, context.stop);
  // With a tag and a digest it is the tag that may be missing.
  MARVEL_TRY(const auto before,
             registry.find_manifest(target.repository,
                                    target.tag.empty() ? target.version() : target.tag));
  if (before == top.digest) {
    report.unchanged = true;
    return report;
  }
  BlobPush blobs(image, target, options);
  MARVEL_TRY_STATUS(blobs.run(context));
  blobs.report(report);
  for (const auto& document : image.documents) {
    const bool is_top = &document == &top;
    MARVEL_TRY_STATUS(registry.put_manifest(target.repository,
                                            is_top && !target.tag.empty()     ? target.tag
                                            : is_top && target.digest.empty() ? "latest"
                                                                              : document.digest,
                                            document.media_type, document.bytes, document.digest));
  }
  return report;
}

}  // namespace marvel::deploy::images
