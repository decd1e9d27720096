#pragma once

#include "federate/server/hall.hpp"
#include "federate/transport/parts_rule.hpp"
#include "federate/transport/upload_gate.hpp"
#include "federate/wire/message.hpp"

#include <grpcpp/generic/async_generic_service.h>

namespace marvel::federate {

// One client's stream: raw messages between gRPC and the hall, which it joins under the client's
// name. Large answers wait at `gate`; `parts` learns what is sent. gRPC owns what is returned and
// calls it from threads of its own until OnDone; all that is given must outlive that.
//
// The name is that of the client's certificate if it shows one, else what it says in the metadata
// "marvel-client-id"; docs/formats/fedl.md has what else it may say there. One message is under way
// at a time: a question goes out, the gate says when its answer may be read, and the answer goes to
// the hall. How the coordinator's Farewell becomes a status of gRPC, which marvel's client
// understands, is in stream.cpp.
grpc::ServerGenericBidiReactor* begin_stream(Hall& hall, UploadGate& gate, PartsRule& parts,
                                             grpc::GenericCallbackServerContext& context,
                                             wire::Dialect dialect);

}  // namespace marvel::federate
