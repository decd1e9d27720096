#pragma once

#include "base/folder_lock.hpp"
#include "base/result.hpp"
#include "deploy/images/blob.hpp"
#include "deploy/images/registry.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace marvel::deploy::images {

// Remembers where unfinished uploads go, so that a later run goes on with them: one small file per
// upload, in a folder that only its owner can open, because a location can carry a key to the
// upload. Without a folder it remembers nothing; what it cannot read or write is as if it were not
// there, for a lost note costs nothing but time. Any thread or process, as long as it has its turn
// at the blob.
class UploadJournal {
 public:
  // The right to go on with the noted upload of one blob, and to note another; its file goes with
  // it.
  class Turn {
   public:
    Turn(std::filesystem::path file, FolderLock lock)
        : file_(std::move(file)), lock_(std::move(lock)) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    std::filesystem::path file_;
    FolderLock lock_;
  };

  explicit UploadJournal(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Nothing while somebody else has it, in this process too, and where nothing can be kept: then
  // the blob needs an upload that is not in the journal. Two that send to one upload break both.
  [[nodiscard]] std::optional<Turn> take_turn(const std::string& registry,
                                              const std::string& repository,
                                              const std::string& digest) const;

  // The location of the last noted state, or empty.
  [[nodiscard]] std::string find(const std::string& registry, const std::string& repository,
                                 const std::string& digest) const;
  // Replaces the note of this blob, atomically; makes the folder where there is none.
  void note(const std::string& registry, const std::string& repository, const std::string& digest,
            const std::string& location) const;
  void forget(const std::string& registry, const std::string& repository,
              const std::string& digest) const;
  // Forgets what is older than a week: registries have forgotten it, too.
  void prune() const;

 private:
  [[nodiscard]] std::filesystem::path file(const std::string& registry,
                                           const std::string& repository,
                                           const std::string& digest) const;
  void make_folder() const;
  std::filesystem::path folder_;
};

// A larger chunk needs fewer requests and more memory, and loses more when the connection breaks.
struct UploadOptions {
  std::uint64_t chunk = std::uint64_t{16} << 20;  // bytes of one request, > 0
};

// Brings a blob into a repository that does not have it: goes on where an earlier run or a broken
// connection left off, as far as the registry remembers. What is sent is checked against the blob's
// digest before the registry is asked to take it. `sent` counts bytes as they go, those of earlier
// runs too; it goes back when the registry has forgotten them. Any thread may read it. While
// somebody else sends the same blob with the same journal, this upload is one of its own that no
// later run goes on with.
//
// While the registry is away it waits up to about six seconds for each request, and asks then how
// far the upload is. An upload that the registry forgets begins anew, and so does one of an earlier
// run that it refuses, six rounds in all. kInput
// when the archive's bytes are not those that the digest promises; kFailed after a stop; else the
// errors of Registry.
Status upload_blob(Registry& registry, const std::string& repository, const Blob& blob,
                   const UploadJournal& journal, const UploadOptions& options, const StopFlag& stop,
                   std::atomic<std::uint64_t>& sent);

}  // namespace marvel::deploy::images
