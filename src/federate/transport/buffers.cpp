#include "federate/transport/buffers.hpp"

#include <memory>
#include <utility>
#include <vector>

#include <grpcpp/support/slice.h>

namespace marvel::federate {

Bytes from_grpc(const grpc::ByteBuffer& buffer) {
  auto slices = std::make_shared<std::vector<grpc::Slice>>();
  Bytes bytes;
  if (!buffer.Dump(slices.get()).ok()) {
    return bytes;
  }
  for (const auto& slice : *slices) {
    bytes.append({{reinterpret_cast<const char*>(slice.begin()), slice.size()}, slices});
  }
  return bytes;
}

grpc::ByteBuffer to_grpc(const Bytes& bytes) {
  using Owner = std::shared_ptr<const void>;
  std::vector<grpc::Slice> slices;
  for (const auto& piece : bytes.pieces()) {
    // gRPC gives the owner back when the last byte has gone out.
    auto owner = std::make_unique<Owner>(piece.owner);
    slices.emplace_back(
        const_cast<char*>(piece.text.data()), piece.text.size(),
        [](void* kept) { delete static_cast<Owner*>(kept); }, owner.get());
    (void)owner.release();  // NOLINT(bugprone-unused-return-value): the slice has it now
  }
  return {slices.data(), slices.size()};
}

}  // namespace marvel::federate
