#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <vector>

namespace marvel::regex {

// Bytes that grow, for lines of any length. Up to kInMemory they are the program's own memory; more
// than that is kept in a file without a name in the folder for temporary files (TMPDIR, or /tmp)
// and mapped, so that the system can take the memory back whenever it wants.
//
// So all that works on lines sees one text in one place, however long it is, and the memory of the
// program stays bounded; to go through such a line in pieces would not do, as whether it is printed
// is known at its end only. The file is gone when the buffer is, also after a crash. One thread at
// a time.
class LineBuffer {
 public:
  static constexpr std::size_t kInMemory = std::size_t{8} << 20;

  LineBuffer() = default;
  // The bytes stay where they are, so pointers to them stay good.
  LineBuffer(LineBuffer&& other) noexcept;
  LineBuffer& operator=(LineBuffer&& other) noexcept;
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;
  ~LineBuffer();

  // Where the bytes are, until the next grow() or begin(). Null may be the answer while size() is
  // 0.
  [[nodiscard]] char* data() { return map_ != nullptr ? map_ : memory_.data(); }
  [[nodiscard]] const char* data() const { return map_ != nullptr ? map_ : memory_.data(); }
  [[nodiscard]] std::size_t size() const { return map_ != nullptr ? mapped_ : memory_.size(); }

  // Makes room for `wanted` bytes or more and keeps what is there; never makes the buffer smaller.
  // kUnavailable when a file is needed and cannot be made or the disk is full; then nothing
  // changed. The room on the disk is taken at once: if it were found missing later, a write to the
  // mapped bytes would end the program.
  Status grow(std::size_t wanted);
  // Room for `size` bytes or more, whatever they hold. Gives a file back when none is needed. Fails
  // as grow() does.
  Status begin(std::size_t size);

 private:
  Status move_to_file(std::size_t size);
  Status grow_file(std::size_t size);
  void drop_file();

  std::vector<char> memory_;
  int fd_ = -1;  // when bytes are in a file
  char* map_ = nullptr;
  std::size_t mapped_ = 0;
};

}  // namespace marvel::regex
