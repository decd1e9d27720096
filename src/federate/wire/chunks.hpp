#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace marvel::federate::wire {

// One message as several, between marvel's peers that have agreed on it: gRPC carries at most
// 2 GiB in one. Each part is
//   offset 0  0xD6, which begins no protobuf message (wire type 6 does not exist)
//          1  version 1
//          2  bytes of the whole message, uint64 little-endian; the same in all its parts
//         10  the next bytes of the message, at least one
// Messages that fit go as they are.
//
// The sender splits and writes the parts one after the other; the receiver puts everything that
// comes through a joiner, which lets whole messages pass:
//
//   for (const auto& part : split(message, kUsualChunk)) { write(part); }
//
//   MARVEL_TRY(auto whole, joiner.add(read()));
//   if (whole) { ... }  // else read on
//
// Flower's peers, which have not said that they join parts (kChunksMetadata in
// transport/buffers.hpp), never get any.

// Bytes of a message in one part: half of what gRPC bears.
inline constexpr std::size_t kUsualChunk = std::size_t{1} << 30U;
// Of a whole message, in bytes: 4 G numbers of float32. Longer ones are taken from nobody.
inline constexpr std::uint64_t kLongestMessage = std::uint64_t{1} << 34U;

// `message` itself if it has at most `limit` bytes; otherwise its parts, with `limit` bytes of it
// in each but the last. `limit` > 0. The memory is shared. The ten bytes in front of a part are not
// counted. Costs nothing per byte, and one small piece of memory per part.
std::vector<Bytes> split(const Bytes& message, std::size_t limit);

// Puts parts together again. Memory grows with what has come, not with what a part promises, and
// not beyond the longest message; a part costs about as much work as it has bytes. One for each
// direction of a stream, used by one thread at a time.
class ChunkJoiner {
 public:
  // The longest message in parts that is taken from now on, in bytes. It bounds what a part
  // announces, not messages that come whole. It may change between two messages, because the
  // longest answer depends on the question (transport/parts_rule).
  void set_longest(std::uint64_t bytes) { longest_ = bytes; }
  // The whole message; nothing while parts are missing. kInput for a part that does not continue
  // what came before, or announces more than the longest message; then the joiner is empty again. A
  // message that is no part comes back as it is while no parts are outstanding. Large parts are
  // referred to, not copied; parts of less than 64 KiB are copied, since each may hold a whole
  // buffer of the network. A message has at most 65536 parts.
  Result<std::optional<Bytes>> add(Bytes part);

 private:
  void clear();

  std::uint64_t longest_ = kLongestMessage;
  Bytes whole_;
  std::uint64_t total_ = 0;  // 0: no part has come
  std::size_t parts_ = 0;
};

}  // namespace marvel::federate::wire
