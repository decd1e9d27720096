// Messages of Flower's two dialects: any bytes, cut into pieces anywhere, are refused as input or
// say the same after they were written and read again.
#include "federate/wire/message.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

namespace wire = marvel::federate::wire;
using marvel::federate::Bytes;

// Pieces of 7 bytes, so that numbers and tensors cross borders.
Bytes in_pieces(std::string_view text) {
  Bytes bytes;
  for (std::size_t at = 0; at < text.size(); at += 7) {
    bytes.append({text.substr(at, 7), nullptr});
  }
  return bytes;
}

template <class Message>
void check(const marvel::Result<Message>& message, wire::Dialect dialect) {
  if (!message) {
    FUZZ_LAW(message.error().code == marvel::Errc::kInput);
    return;
  }
  const Bytes once = wire::encode(*message, dialect);
  if constexpr (std::is_same_v<Message, wire::ServerMessage>) {
    const auto again = wire::decode_server(once, dialect);
    FUZZ_LAW(again.has_value());
    FUZZ_LAW(wire::encode(*again, dialect).text() == once.text());
  } else {
    const auto again = wire::decode_client(once, dialect);
    FUZZ_LAW(again.has_value());
    FUZZ_LAW(wire::encode(*again, dialect).text() == once.text());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = in_pieces({reinterpret_cast<const char*>(data), size});
  for (const auto dialect : {wire::Dialect::kLegacy, wire::Dialect::kModern}) {
    check(wire::decode_server(bytes, dialect), dialect);
    check(wire::decode_client(bytes, dialect), dialect);
  }
  return 0;
}
