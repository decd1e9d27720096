#pragma once

#include "base/result.hpp"
#include "federate/options.hpp"
#include "federate/server/hall.hpp"

#include <memory>
#include <string>

namespace marvel::federate {

// The port: a gRPC server whose streams come into `hall`.
class GrpcServer {
 public:
  // kUnavailable when the port cannot be had; kInput for certificates that cannot be read.
  // `hall` must outlive it.
  static Result<std::unique_ptr<GrpcServer>> open(const ServerOptions& options, Hall& hall);
  GrpcServer() = default;
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;
  // Breaks the streams that are left and waits for their threads.
  virtual ~GrpcServer() = default;

  // The port that is really open.
  [[nodiscard]] virtual int port() const = 0;
};

}  // namespace marvel::federate
