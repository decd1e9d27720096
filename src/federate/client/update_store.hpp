#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/wire/message.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace marvel::federate {

// A finished update and the round it belongs to. As it goes out: clipped, noised and encoded.
struct KeptUpdate {
  std::string round;  // "run/round"
  wire::FitResult update;
  Model left_out;  // by encodings of this update and those before: wire::UpdateEncoder
};

// The bytes of one (docs/formats/fedl.md): a sum over all of it, so that half a file is noticed.
// Costs a copy of the update.
std::string encode_kept(const KeptUpdate& kept);
// kInput for anything damaged; `name` stands in messages.
Result<KeptUpdate> decode_kept(std::string bytes, const std::string& name);

// Where one client keeps its last finished update, so that its own death does not cost a round of
// training. Replaced as a whole, so that a crash at any moment leaves the old update or the new
// one. One process at a time.
//
// The file is update-CID.bin in the folder, as large as an update, and a float32 model more where
// encodings have left something out. Conversation::keep_in() loads it, saves after each training
// and clears it when the server ends the run; it holds nothing open in between.
class UpdateStore {
 public:
  // Makes the folder if it is missing; clients with other names may share it. kInput when it
  // cannot.
  static Result<UpdateStore> open(const std::filesystem::path& folder, const std::string& cid);

  // Nothing when there is none. kInput when it is damaged.
  [[nodiscard]] Result<std::optional<KeptUpdate>> load() const;
  // kUnavailable when the disk is full or read-only; then the update before stays. On disk when it
  // returns.
  [[nodiscard]] Status save(const KeptUpdate& kept) const;
  // For an update that nobody will ask for. What cannot be removed stays.
  void clear() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit UpdateStore(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace marvel::federate
