#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"

#include <string>

#include <grpcpp/support/byte_buffer.h>

namespace marvel::federate {

// Between our bytes and gRPC's: both ways the memory is shared, not copied.
Bytes from_grpc(const grpc::ByteBuffer& buffer);
grpc::ByteBuffer to_grpc(const Bytes& bytes);

// Metadata by which both sides of a call say that they join messages sent in parts (wire/chunks).
inline constexpr const char* kChunksMetadata = "marvel-chunks";

// A PEM file. kInput, naming `flag`, when it cannot be read.
Result<std::string> read_pem(const std::string& path, const char* flag);

}  // namespace marvel::federate
