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

// Whole lines of an input, one piece at a time. The buffer is kept for the next piece, so a caller
// that uses its blocks again need not allocate.
struct Block {
  // Readable bytes behind the text, whatever they hold: vectors and kernels load more than they
  // need.
  static constexpr std::size_t kPadding = 16;

  LineBuffer buffer;
  // Of the text; the buffer is larger.
  std::size_t size = 0;
  // Of its first byte in the input, or in the text that was unpacked from it.
  std::uint64_t offset = 0;
  // The input ends without '\n', so one was put there. Only the last block of an input can have it.
  bool line_end_added = false;

  // Ends with '\n'. Good until the block is given to next() again, is moved, or ends.
  [[nodiscard]] std::string_view text() const { return {buffer.data(), size}; }
};

// A file or standard input, cut into blocks at line ends. A block is about as large as wished, or
// as long as its only line. Reads what is there and holds one block, whatever the input's size; of
// a very long line most is in a file (see line_buffer.hpp).
//   auto input = Input::open("app.log");
//   Block block;
//   while (true) {
//     MARVEL_TRY(const bool more, input->next(block, stop));
//     if (!more) { break; }
//     use(block.text(), block.offset);
//   }
// Files are read and not mapped, so one that somebody cuts short meanwhile is shorter and not a
// fatal signal. One thread at a time; the block may be searched in another one.
class Input {
 public:
  // "-" is standard input, which stays open in the end. With `unpack`, what is packed by gzip, zstd
  // or xz is read as the text in it, and other files as they are; what the file is called does not
  // matter. kInput when `path` cannot be opened or is a folder. Reads nothing yet, and does not
  // wait for somebody to write to a FIFO: next() does.
  static Result<Input> open(const std::string& path, bool unpack = false);

  Input(Input&& other) noexcept;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  Input& operator=(Input&&) = delete;
  ~Input();

  // What suits the CPU. A device is given larger blocks (see search.cpp).
  static constexpr std::size_t kBlock = std::size_t{1} << 20;

  // The next lines, about `wanted` bytes of them; false at the end, and when a stop was asked for.
  // Never empty otherwise. From a pipe or terminal there may be fewer: as soon as nothing more is
  // there to read, whole lines that came are handed on. A wait for input ends within a tenth of a
  // second after a stop.
  //
  // kUnavailable when reading fails, there is no room for a very long line, or one is longer than 2
  // GiB; kInput when packed data are damaged. After a failure the input is of no use.
  Result<bool> next(Block& block, const StopFlag& stop, std::size_t wanted = kBlock);

  // Whether next() may have to wait for somebody to write: then what was found should be shown.
  [[nodiscard]] bool may_wait() const { return !regular_; }
  // Whether this is a regular file, and the one that `fd` is open on.
  [[nodiscard]] bool is_file_of(int fd) const;
  // Whether it would have to wait right now. A system call for pipes and terminals, and nothing for
  // files.
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
  // The packing is still to be found out, from the first six bytes; even of plain text nothing is
  // handed on before they are there.
  bool unpack_ = false;
  std::unique_ptr<Unpacker> unpacker_;
  // Read ahead: packed bytes, or the first ones of plain text. Without `unpack` it stays empty, and
  // bytes are read into the block directly.
  std::vector<char> raw_;
  std::string_view raw_left_;  // what of it was not used yet
  bool raw_ended_ = false;
  std::uint64_t offset_ = 0;  // of rest_
  std::string rest_;          // begin of a line whose end was not read yet
};

}  // namespace marvel::regex
