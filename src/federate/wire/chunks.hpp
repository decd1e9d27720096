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

inline constexpr std::size_t kUsualChunk = std::size_t{1} << 30U;
// Of a whole message, in bytes: 4 G numbers of float32. Longer ones are taken from nobody.
inline constexpr std::uint64_t kLongestMessage = std::uint64_t{1} << 34U;

// `message` itself if it has at most `limit` bytes; otherwise its parts, with `limit` bytes of it
// in each but the last. `limit` > 0. The memory is shared.
std::vector<Bytes> split(const Bytes& message, std::size_t limit);

// Puts parts together again. Memory grows with what has come, not with what a part promises, and
// not beyond the longest message; a part costs about as much work as it has bytes.
class ChunkJoiner {
 public:
  // The longest message in parts that is taken from now on, in bytes.
  void set_longest(std::uint64_t bytes) { longest_ = bytes; }
  // The whole message; nothing while parts are missing. kInput for a part that does not continue
  // what came before, or announces more than the longest message; then the joiner is empty again.
  Result<std::optional<Bytes>> add(Bytes part);

 private:
  void clear();

  std::uint64_t longest_ = kLongestMessage;
  Bytes whole_;
  std::uint64_t total_ = 0;  // 0: no part has come
  std::size_t parts_ = 0;
};

}  // namespace marvel::federate::wire
