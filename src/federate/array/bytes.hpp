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
//
// Decoding a message cuts each tensor out of it with sub(), and encoding puts one together with
// append(); neither touches the elements:
//   Bytes file = Bytes::from(npy_header(dtype, shape));
//   file.append({elements, owner});
class Bytes {
 public:
  // What `text` shows must stay as it is while `owner`, or for want of one the program, keeps it.
  // The owner need not be the text itself: it may be a whole model of which the text is one tensor.
  struct Piece {
    std::string_view text;
    std::shared_ptr<const void> owner;  // may be null: then the text outlives all Bytes
  };

  Bytes() = default;
  // Takes over `text`.
  static Bytes from(std::string text);

  // Puts more at the end; empty pieces are left out. Costs an entry per piece, whatever its length.
  // Not while another thread reads this object.
  void append(Piece piece);
  void append(const Bytes& other);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }

  // Copies [offset, offset + length) to `out`. Costs a binary search over the pieces plus the copy.
  // Here and below the range must lie inside; one that does not is a mistake of ours and ends the
  // program, so lengths from a peer are compared with size() first.
  void copy(std::size_t offset, std::size_t length, char* out) const;
  // What lies in one piece of memory from `offset` on, which must be below size(): at least a byte.
  [[nodiscard]] std::string_view run(std::size_t offset) const;
  // A copy in one run of memory, for short parts such as headers.
  [[nodiscard]] std::string text(std::size_t offset, std::size_t length) const;
  [[nodiscard]] std::string text() const { return text(0, size_); }

  // The part [offset, offset + length); shares the memory, and so keeps the owners of its pieces
  // alive: a few bytes of a large message hold that message.
  [[nodiscard]] Bytes sub(std::size_t offset, std::size_t length) const;

 private:
  [[nodiscard]] std::size_t piece_at(std::size_t offset) const;

  // No piece is empty, so the starts ascend strictly and each offset below size_ has one piece.
  std::vector<Piece> pieces_;
  std::vector<std::size_t> starts_;  // of each piece
  std::size_t size_ = 0;
};

}  // namespace marvel::federate
