#pragma once

#include "federate/array/bytes.hpp"

#include <grpcpp/support/byte_buffer.h>

namespace marvel::federate {

// The longest frame of HTTP/2 that either side takes, in bytes. With the default of 16 KiB a model
// of 100 MB comes in 6,100 frames, and each becomes a piece of memory of its own.
inline constexpr int kLongestFrame = 1 << 20;

// Between our bytes and gRPC's: both ways the memory is shared, not copied. What comes out keeps
// the memory of what went in alive; a piece without an owner must live until gRPC has sent it. A
// buffer that gRPC cannot unpack becomes no bytes, which is no message.
Bytes from_grpc(const grpc::ByteBuffer& buffer);
grpc::ByteBuffer to_grpc(const Bytes& bytes);

// Metadata by which both sides of a call say that they join messages sent in parts (wire/chunks).
inline constexpr const char* kChunksMetadata = "marvel-chunks";

}  // namespace marvel::federate
