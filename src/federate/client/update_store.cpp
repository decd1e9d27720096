#include "federate/client/update_store.hpp"

#include "base/file.hpp"
#include "federate/strategy/update.hpp"

#include <array>
#include <cctype>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

constexpr std::string_view kMagic = "MRVLUPD2";
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kSumBytes = 8;

// FNV-1a, 64 bits (RFC 9923): against half a file, not against an enemy.
std::uint64_t sum_of(std::string_view bytes) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    sum = (sum ^ static_cast<unsigned char>(byte)) * kPrime;
  }
  return sum;
}

void put(std::string& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}

std::uint64_t get(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

// A message and its length.
void put_message(std::string& out, const wire::ClientMessage& message) {
  const Bytes bytes = wire::encode(message, wire::Dialect::kModern);
  put(out, bytes.size(), kLengthBytes);
  out += bytes.text();
}

// Takes the next one off `rest`; nothing when it is damaged or of another kind.
template <class Message>
std::optional<Message> take_message(Bytes& rest) {
  if (rest.size() < kLengthBytes) {
    return std::nullopt;
  }
  const std::uint64_t length = get(rest.text(0, kLengthBytes));
  if (length > rest.size() - kLengthBytes) {
    return std::nullopt;
  }
  const auto decoded = wire::decode_client(rest.sub(kLengthBytes, length), wire::Dialect::kModern);
  const std::size_t taken = kLengthBytes + length;
  rest = rest.sub(taken, rest.size() - taken);
  const auto* message = decoded ? std::get_if<Message>(&*decoded) : nullptr;
  return message == nullptr ? std::nullopt : std::optional(*message);
}

// A name as part of a file's name: letters, digits, '-' and '_' stay, the rest becomes %XX.
std::string file_part(const std::string& cid) {
  std::string part;
  for (const char byte : cid) {
    const auto code = static_cast<unsigned char>(byte);
    const bool stays = std::isalnum(code) != 0 || byte == '-' || byte == '_';
    part += stays ? std::string(1, byte) : fmt::format("%{:02X}", code);
  }
  return part;
}

}  // namespace

std::string encode_kept(const KeptUpdate& kept) {
  std::string bytes(kMagic);
  put(bytes, kept.round.size(), 4);
  bytes += kept.round;
  put_message(bytes, kept.update);
  put_message(bytes, wire::ParametersResult{
                         {}, encode_parameters(std::make_shared<const Model>(kept.left_out))});
  put(bytes, sum_of(bytes), kSumBytes);
  return bytes;
}

Result<KeptUpdate> decode_kept(std::string bytes, const std::string& name) {
  const auto damaged = [&name] { return fail(Errc::kInput, fmt::format("'{}' is damaged", name)); };
  constexpr std::size_t kHead = kMagic.size() + 4;
  if (bytes.size() < kHead + kSumBytes || !bytes.starts_with(kMagic)) {
    return damaged();
  }
  const std::string_view all = bytes;
  const std::size_t end = bytes.size() - kSumBytes;
  const std::uint64_t length = get(all.substr(kMagic.size(), 4));
  if (get(all.substr(end)) != sum_of(all.substr(0, end)) || length > end - kHead) {
    return damaged();
  }
  KeptUpdate kept;
  kept.round = bytes.substr(kHead, length);
  Bytes rest = Bytes::from(std::move(bytes)).sub(kHead + length, end - kHead - length);
  auto update = take_message<wire::FitResult>(rest);
  const auto left_out = take_message<wire::ParametersResult>(rest);
  if (!update || !left_out || rest.size() > 0) {
    return damaged();
  }
  kept.update = std::move(*update);
  auto model = decode_parameters(left_out->parameters);
  if (!model) {
    return damaged();
  }
  kept.left_out = std::move(*model);
  return kept;
}

Result<UpdateStore> UpdateStore::open(const std::filesystem::path& folder, const std::string& cid) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(Errc::kInput,
                fmt::format("cannot make folder '{}': {}", folder.string(), error.message()));
  }
  return UpdateStore(folder / fmt::format("update-{}.bin", file_part(cid)));
}

Result<std::optional<KeptUpdate>> UpdateStore::load() const {
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) {
    return std::optional<KeptUpdate>();
  }
  MARVEL_TRY(std::string bytes, read_file(path_));
  MARVEL_TRY(KeptUpdate kept, decode_kept(std::move(bytes), path_.string()));
  return std::optional(std::move(kept));
}

Status UpdateStore::save(const KeptUpdate& kept) const {
  return write_file_atomically(path_, encode_kept(kept));
}

void UpdateStore::clear() const {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace marvel::federate
