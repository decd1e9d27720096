#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
#include "regex/line_buffer.hpp"
#include "regex/unpack.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Whole lines of an input, one piece at a time. The buffer is kept for the next piece.
struct Block {
  static constexpr std::size_t kPadding = 16;  // readable bytes behind the text

  LineBuffer buffer;
  std::size_t size = 0;
  std::uint64_t offset = 0;     // of its first byte in the input
  bool line_end_added = false;  // the input ends without '\n', so one was put there

  [[nodiscard]] std::string_view text() const { return {buffer.data(), size}; }
};

// A file or standard input, cut into blocks at line ends. A block is about as large as wished, or
// as long as its only line. Reads what is there and holds one block, whatever the input's size;
// of a very long line most is in a file (see line_buffer.hpp).
class Input {
 public:
  // "-" is standard input. With `unpack`, what is packed by gzip, zstd or xz is read as the text in
  // it. kInput when `path` cannot be opened or is a folder.
  static Result<Input> open(const std::string& path, bool unpack = false);

  Input(Input&& other) noexcept;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  Input& operator=(Input&&) = delete;
  ~Input();

  static constexpr std::size_t kBlock = std::size_t{1} << 20;

  // The next lines, about `wanted` bytes of them; false at the end, and when a stop was asked for.
  // Never empty otherwise. kUnavailable when reading fails, there is no room for a very long line,
  // or one is longer than 2 GiB; kInput
  // when packed data are damaged.
  Result<bool> next(Block& block, const StopFlag& stop, std::size_t wanted = kBlock);

  // Whether next() may have to wait for somebody to write: then what was found should be shown.
  [[nodiscard]] bool may_wait() const { return !regular_; }
  // Whether it would have to wait right now.
  [[nodiscard]] bool waits() const;

 private:
  Input(int fd, std::string name, bool regular);

  Result<std::size_t> read_some(char* to, std::size_t room, const StopFlag& stop);
  Result<std::size_t> read_raw(char* to, std::size_t room, const StopFlag& stop);
  Status find_packing(const StopFlag& stop);
  Status begin_block(Block& block, std::size_t wanted);
  Status make_longer(Block& block);
  void keep_rest(Block& block, std::size_t cut);
  void end(Block& block);

  int fd_;
  std::string name_;
  bool regular_;
  bool ended_ = false;
  bool unpack_ = false;  // the packing is still to be found out
  std::unique_ptr<Unpacker> unpacker_;
  std::vector<char> raw_;      // read ahead: packed bytes, or the first ones of plain text
  std::string_view raw_left_;  // what of it was not used yet
  bool raw_ended_ = false;
  std::uint64_t offset_ = 0;  // of rest_
  std::string rest_;          // begin of a line whose end was not read yet
};

}  // namespace marvel::regex
