#include "federate/array/bytes.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace marvel::federate {

Bytes Bytes::from(std::string text) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  Bytes bytes;
  bytes.append({*owner, owner});
  return bytes;
}

void Bytes::append(Piece piece) {
  if (piece.text.empty()) {
    return;
  }
  starts_.push_back(size_);
  size_ += piece.text.size();
  pieces_.push_back(std::move(piece));
}

void Bytes::append(const Bytes& other) {
  for (const auto& piece : other.pieces_) {
    append(piece);
  }
}

std::size_t Bytes::piece_at(std::size_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<std::size_t>(after - starts_.begin()) - 1;
}

void Bytes::copy(std::size_t offset, std::size_t length, char* out) const {
  const bool inside = offset <= size_ && length <= size_ - offset;
  MARVEL_CHECK(inside, "bytes: copy beyond the end");
  if (length == 0) {
    return;
  }
  std::size_t index = piece_at(offset);
  std::size_t skip = offset - starts_[index];
  while (length > 0) {
    const auto part = pieces_[index].text.substr(skip, length);
    std::memcpy(out, part.data(), part.size());
    out += part.size();
    length -= part.size();
    skip = 0;
    ++index;
  }
}

std::string_view Bytes::run(std::size_t offset) const {
  MARVEL_CHECK(offset < size_, "bytes: a run beyond the end");
  const std::size_t index = piece_at(offset);
  return pieces_[index].text.substr(offset - starts_[index]);
}

std::string Bytes::text(std::size_t offset, std::size_t length) const {
  std::string result(length, '\0');
  copy(offset, length, result.data());
  return result;
}

Bytes Bytes::sub(std::size_t offset, std::size_t length) const {
  const bool inside = offset <= size_ && length <= size_ - offset;
  MARVEL_CHECK(inside, "bytes: part beyond the end");
  Bytes part;
  if (length == 0) {
    return part;
  }
  std::size_t index = piece_at(offset);
  std::size_t skip = offset - starts_[index];
  while (length > 0) {
    const auto& piece = pieces_[index];
    const auto text = piece.text.substr(skip, length);
    part.append({text, piece.owner});
    length -= text.size();
    skip = 0;
    ++index;
  }
  return part;
}

}  // namespace marvel::federate
