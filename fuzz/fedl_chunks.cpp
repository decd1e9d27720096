// Messages in parts: whatever parts a stranger sends, they are refused as input, wait for more, or
// make a message; and any message, split anywhere, comes out as it went in.
#include "federate/wire/chunks.hpp"
#include "fuzz/check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

namespace wire = marvel::federate::wire;
using marvel::federate::Bytes;

// Parts as the input says: a byte of length, then so many bytes.
void join_anything(std::string_view input) {
  wire::ChunkJoiner joiner;
  while (!input.empty()) {
    const auto length =
        std::min<std::size_t>(static_cast<unsigned char>(input[0]), input.size() - 1);
    const auto found = joiner.add(Bytes::from(std::string(input.substr(1, length))));
    FUZZ_LAW(found.has_value() || found.error().code == marvel::Errc::kInput);
    input.remove_prefix(1 + length);
  }
}

void split_and_join(std::string_view input) {
  const std::size_t limit = 1 + static_cast<unsigned char>(input[0]);
  const std::string text = "\x22" + std::string(input.substr(1));  // begins as a message does
  wire::ChunkJoiner joiner;
  const auto parts = wire::split(Bytes::from(text), limit);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto found = joiner.add(parts[i]);
    FUZZ_LAW(found.has_value());
    FUZZ_LAW(found->has_value() == (i + 1 == parts.size()));
    FUZZ_LAW(!found->has_value() || (*found)->text() == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (!input.empty()) {
    join_anything(input);
    split_and_join(input);
  }
  return 0;
}
