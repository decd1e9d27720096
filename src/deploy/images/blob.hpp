#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
#include "deploy/images/manifest.hpp"
#include "deploy/images/source.hpp"
#include "deploy/images/tar.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace marvel::deploy::images {

// A layer or config as it will stand in the registry, made of a part of an archive. Made by
// read_archive; copies share the archive.
struct Blob {
  Descriptor descriptor;  // of the bytes that BlobReader gives
  std::shared_ptr<const Source> source;
  // The part of `source`, as it lies there.
  TarFile range;
  bool packs = false;  // the bytes are packed with gzip on their way
};

// The bytes of a blob from the beginning. Packing is a pure function of the bytes, so each reader
// of the same blob gives the same: a digest that was measured once holds for every upload, and an
// upload that broke goes on by reading once more from the beginning. For that the gzip header has
// no name and no time. Each reader has its own place and shares the archive; one thread at a time.
class BlobReader {
 public:
  explicit BlobReader(const Blob& blob);
  BlobReader(const BlobReader&) = delete;
  BlobReader& operator=(const BlobReader&) = delete;
  ~BlobReader();

  // At most `room` bytes, but not always as many; 0 at the end. kInput when the archive is too
  // short.
  Result<std::size_t> read(char* buffer, std::size_t room);
  // SHA-256 of what was read of the archive so far, before packing: the diff_id of a layer. Once,
  // at the end.
  Result<std::string> source_digest();

 private:
  class State;
  std::unique_ptr<State> state_;
};

// Digest and size of what a reader gives, and the digest of that unpacked, which configs know
// layers by: "sha256:..." both. They are the same where nothing is packed.
struct BlobDigests {
  std::string digest;
  std::uint64_t size = 0;
  std::string diff_id;
};

// Reads, and packs, the whole blob; its descriptor may still be empty. kFailed after a stop,
// kUnsupported without OpenSSL.
Result<BlobDigests> measure_blob(const Blob& blob, const StopFlag& stop);
// The same for a blob that lies in the archive as a gzip file and goes as it is. Unpacks it piece
// by piece for the diff_id; kInput when that cannot be done to the end.
Result<BlobDigests> measure_gzip(const Blob& blob, const StopFlag& stop);

}  // namespace marvel::deploy::images
