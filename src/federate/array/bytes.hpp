#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::federate {

// A run of bytes that may lie in many pieces of memory, as a network library hands messages over.
// It is read in place, so a message of 100 MB is never copied whole. Copies share the memory;
// each piece stays alive as long as one Bytes refers to it. Immutable after it is built, so any
// number of threads may read it.
class Bytes {
 public:
  struct Piece {
    std::string_view text;
    std::shared_ptr<const void> owner;  // may be null: then the text outlives all Bytes
  };

  Bytes() = default;
  // Takes over `text`.
  static Bytes from(std::string text);

  // Puts more at the end; empty pieces are left out.
  void append(Piece piece);
  void append(const Bytes& other);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }

  // Copies [offset, offset + length), which must lie inside, to `out`. Costs a binary search over
  // the pieces plus the copy.
  void copy(std::size_t offset, std::size_t length, char* out) const;
  [[nodiscard]] std::string text(std::size_t offset, std::size_t length) const;
  [[nodiscard]] std::string text() const { return text(0, size_); }

  // The part [offset, offset + length), which must lie inside; shares the memory.
  [[nodiscard]] Bytes sub(std::size_t offset, std::size_t length) const;

 private:
  [[nodiscard]] std::size_t piece_at(std::size_t offset) const;

  std::vector<Piece> pieces_;
  std::vector<std::size_t> starts_;  // of each piece
  std::size_t size_ = 0;
};

}  // namespace marvel::federate
