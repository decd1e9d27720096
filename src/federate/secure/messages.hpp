#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"
#include "federate/secure/crypto.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::federate::secure {

// What the stages of secure aggregation exchange (docs/formats/fedl.md). Clients have places 1 to
// 255. All decoders return kInput for anything but exactly the bytes that they describe. They judge
// the form alone: whether a place is one of this sum is for Member and SecureRound to say.
//
// A stage travels as a fit: kSessionSetting, kStageSetting and kDataEntry, with the bytes below,
// are among the settings, and among the metrics of the answer. The masked update is the answer's
// only tensor, of the type kMaskedType.

enum class Stage { kKeys, kShares, kMasked, kUnmask, kDone };
// "keys", "shares", "masked", "unmask", "done"
[[nodiscard]] std::string_view stage_name(Stage stage);

inline constexpr const char* kSessionSetting = "marvel.secagg.session";
inline constexpr const char* kStageSetting = "marvel.secagg.stage";
inline constexpr const char* kPlaceSetting = "marvel.secagg.place";
inline constexpr const char* kThresholdSetting = "marvel.secagg.threshold";
inline constexpr const char* kUniformSetting = "marvel.secagg.uniform";
inline constexpr const char* kDataEntry = "marvel.secagg.data";
inline constexpr const char* kMaskedType = "marvel.masked/1";
inline constexpr std::size_t kMostClients = 255;

struct OpenKeys {
  Key cipher{};  // of what clients send each other through the server
  Key mask{};    // of the masks between two clients
  bool operator==(const OpenKeys&) const = default;
};
std::string encode(const OpenKeys& keys);
Result<OpenKeys> decode_keys(std::string_view bytes);
// Of all clients in the order of their places.
// 64 bytes each; 1 to kMostClients of them.
std::string encode(const std::vector<OpenKeys>& roster);
Result<std::vector<OpenKeys>> decode_roster(std::string_view bytes);

// Two shares for one client, or from one: of a seed, then of a mask key, sealed (kSharesBytes +
// kSealBytes = 104 bytes, with parcel_label). The server passes them on and cannot read them.
struct Parcel {
  std::uint8_t peer = 0;  // to whom when it leaves a client, from whom when it comes
  std::string sealed;
};
inline constexpr std::size_t kSharesBytes = 64;
// Rows of a place and a sealed text; none at all is a right message too.
std::string encode(const std::vector<Parcel>& parcels);
Result<std::vector<Parcel>> decode_parcels(std::string_view bytes);  // peers ascend

// Clients whose masked update has arrived; ascending, a byte each.
std::string encode_places(const std::vector<std::uint8_t>& places);
Result<std::vector<std::uint8_t>> decode_places(std::string_view bytes);

// A share that a client lays open, of another's secret or its own.
struct Reveal {
  std::uint8_t of = 0;
  bool mask_key = false;  // of one that is gone; else of a survivor's own mask
  Key share{};
};
std::string encode(const std::vector<Reveal>& reveals);
Result<std::vector<Reveal>> decode_reveals(std::string_view bytes);  // `of` ascends

// Numbers of a masked update, little-endian, 8 bytes each; copied both ways. `count` is what the
// model demands: another length is kInput before memory is taken.
Bytes encode_numbers(const std::vector<std::uint64_t>& numbers);
Result<std::vector<std::uint64_t>> decode_numbers(const Bytes& bytes, std::size_t count);

}  // namespace marvel::federate::secure
