// Packed data: whatever the bytes are, unpacking them whole and in small pieces gives the same text
// or the same refusal, and comes to an end.
#include "fuzz/check.hpp"
#include "regex/unpack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kMost = std::size_t{1} << 20;  // of text; bombs are cut off there

// The text, or "!" when it is refused.
std::string unpack_all(std::string_view bytes, std::size_t piece, std::size_t room) {
  using namespace marvel::regex;
  const auto unpacker = Unpacker::make(packing_of(bytes));
  if (!unpacker) {
    return "plain";
  }
  std::string text;
  std::vector<char> buffer(room);
  std::string_view in;
  std::size_t taken = 0;
  while (text.size() < kMost) {
    const bool last = taken == bytes.size();
    const auto made = unpacker->unpack(in, last, buffer.data(), buffer.size());
    if (!made) {
      return "!";
    }
    text.append(buffer.data(), *made);
    if (*made > 0) {
      continue;
    }
    if (last) {
      return text;
    }
    const auto begin = static_cast<std::size_t>(in.empty() ? taken : taken - in.size());
    taken = std::min(bytes.size(), taken + piece);
    in = bytes.substr(begin, taken - begin);
  }
  return text.substr(0, kMost);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = unpack_all(bytes, size + 1, 65'536);
  const std::string pieces = unpack_all(bytes, 7, 100);
  FUZZ_LAW(whole == pieces);
  return 0;
}
