#pragma once

#include "base/result.hpp"
#include "federate/options.hpp"
#include "federate/server/hall.hpp"

#include <memory>
#include <string>

namespace marvel::federate {

// The port: a gRPC server whose streams come into `hall`. gRPC's threads call the hall from the
// moment it is open. Behind it are a listener, an upload gate and one stream per call
// (transport/listener.hpp, upload_gate.hpp, stream.hpp); this header keeps gRPC out of the rest.
// Any other method than the two Join calls is answered by UNIMPLEMENTED.
class GrpcServer {
 public:
  // kUnavailable when the port cannot be had; kInput for certificates that cannot be used. `hall`
  // must outlive it. It reads the address, the certificates and the length of parts from `options`,
  // and keeps none of it.
  static Result<std::unique_ptr<GrpcServer>> open(const ServerOptions& options, Hall& hall);
  GrpcServer() = default;
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;
  // Breaks the streams that are left and waits for their threads. The port is closed first; streams
  // get 200 ms to end by themselves.
  virtual ~GrpcServer() = default;

  // The port that is really open.
  [[nodiscard]] virtual int port() const = 0;
  // Whether a connection was turned away because it would have taken one of the last descriptors.
  [[nodiscard]] virtual bool short_of_descriptors() const = 0;
};

}  // namespace marvel::federate
