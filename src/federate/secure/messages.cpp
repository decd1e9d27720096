#include "federate/secure/messages.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate::secure {
namespace {

constexpr std::size_t kKeyBytes = sizeof(Key);
constexpr std::size_t kKeysBytes = 2 * kKeyBytes;
constexpr std::size_t kParcelBytes = 1 + kSharesBytes + kSealBytes;
constexpr std::size_t kRevealBytes = 2 + kKeyBytes;

void put(std::string& out, const Key& key) {
  out.append(reinterpret_cast<const char*>(key.data()), key.size());
}

Key key_at(std::string_view bytes, std::size_t offset) {
  Key key;
  std::memcpy(key.data(), bytes.data() + offset, key.size());
  return key;
}

// Whether `bytes` are rows of `width` whose first bytes ascend from at least 1.
bool are_rows(std::string_view bytes, std::size_t width) {
  if (bytes.size() % width != 0) {
    return false;
  }
  unsigned last = 0;
  for (std::size_t i = 0; i < bytes.size(); i += width) {
    const unsigned place = static_cast<unsigned char>(bytes[i]);
    if (place <= last) {
      return false;
    }
    last = place;
  }
  return true;
}

}  // namespace

std::string_view stage_name(Stage stage) {
  constexpr std::array<std::string_view, 5> kNames{"keys", "shares", "masked", "unmask", "done"};
  return kNames[static_cast<std::size_t>(stage)];
}

std::string encode(const OpenKeys& keys) {
  std::string out;
  put(out, keys.cipher);
  put(out, keys.mask);
  return out;
}

Result<OpenKeys> decode_keys(std::string_view bytes) {
  if (bytes.size() != kKeysBytes) {
    return fail(Errc::kInput, "its keys are damaged");
  }
  return OpenKeys{key_at(bytes, 0), key_at(bytes, kKeyBytes)};
}

std::string encode(const std::vector<OpenKeys>& roster) {
  std::string out;
  for (const auto& keys : roster) {
    out += encode(keys);
  }
  return out;
}

Result<std::vector<OpenKeys>> decode_roster(std::string_view bytes) {
  const std::size_t count = bytes.size() / kKeysBytes;
  if (bytes.size() % kKeysBytes != 0 || count == 0 || count > kMostClients) {
    return fail(Errc::kInput, "the list of keys is damaged");
  }
  std::vector<OpenKeys> roster;
  for (std::size_t i = 0; i < count; ++i) {
    roster.push_back({key_at(bytes, i * kKeysBytes), key_at(bytes, i * kKeysBytes + kKeyBytes)});
  }
  return roster;
}

std::string encode(const std::vector<Parcel>& parcels) {
  std::string out;
  for (const auto& parcel : parcels) {
    out.push_back(static_cast<char>(parcel.peer));
    out += parcel.sealed;
  }
  return out;
}

Result<std::vector<Parcel>> decode_parcels(std::string_view bytes) {
  if (!are_rows(bytes, kParcelBytes)) {
    return fail(Errc::kInput, "the sealed shares are damaged");
  }
  std::vector<Parcel> parcels;
  for (std::size_t i = 0; i < bytes.size(); i += kParcelBytes) {
    parcels.push_back(
        {static_cast<std::uint8_t>(bytes[i]), std::string(bytes.substr(i + 1, kParcelBytes - 1))});
  }
  return parcels;
}

std::string encode_places(const std::vector<std::uint8_t>& places) {
  return {places.begin(), places.end()};
}

Result<std::vector<std::uint8_t>> decode_places(std::string_view bytes) {
  if (!are_rows(bytes, 1)) {
    return fail(Errc::kInput, "the list of survivors is damaged");
  }
  return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

std::string encode(const std::vector<Reveal>& reveals) {
  std::string out;
  for (const auto& reveal : reveals) {
    out.push_back(static_cast<char>(reveal.of));
    out.push_back(reveal.mask_key ? '\1' : '\0');
    put(out, reveal.share);
  }
  return out;
}

Result<std::vector<Reveal>> decode_reveals(std::string_view bytes) {
  if (!are_rows(bytes, kRevealBytes)) {
    return fail(Errc::kInput, "its revealed shares are damaged");
  }
  std::vector<Reveal> reveals;
  for (std::size_t i = 0; i < bytes.size(); i += kRevealBytes) {
    const auto kind = static_cast<unsigned char>(bytes[i + 1]);
    if (kind > 1) {
      return fail(Errc::kInput, "its revealed shares are damaged");
    }
    reveals.push_back({static_cast<std::uint8_t>(bytes[i]), kind == 1, key_at(bytes, i + 2)});
  }
  return reveals;
}

Bytes encode_numbers(const std::vector<std::uint64_t>& numbers) {
  std::string out(numbers.size() * sizeof(std::uint64_t), '\0');
  std::memcpy(out.data(), numbers.data(), out.size());
  return Bytes::from(std::move(out));
}

Result<std::vector<std::uint64_t>> decode_numbers(const Bytes& bytes, std::size_t count) {
  if (bytes.size() != count * sizeof(std::uint64_t)) {
    return fail(Errc::kInput, fmt::format("its masked update has {} bytes instead of {}",
                                          bytes.size(), count * sizeof(std::uint64_t)));
  }
  std::vector<std::uint64_t> numbers(count);
  bytes.copy(0, bytes.size(), reinterpret_cast<char*>(numbers.data()));
  return numbers;
}

}  // namespace marvel::federate::secure
