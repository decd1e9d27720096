// gRPC without generated code: the generic service hands over raw messages and the method's path,
// so both of Flower's services live on one port and a model is never copied into a message class.
#include "federate/transport/grpc_server.hpp"

#include "federate/transport/buffers.hpp"
#include "federate/transport/listener.hpp"
#include "federate/transport/parts_rule.hpp"
#include "federate/transport/stream.hpp"
#include "federate/transport/tls_files.hpp"
#include "federate/transport/upload_gate.hpp"

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <unistd.h>

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace marvel::federate {
namespace {

class Service : public grpc::CallbackGenericService {
 public:
  Service(Hall& hall, UploadGate& gate, std::size_t chunk)
      : hall_(hall), gate_(gate), parts_(chunk) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    for (const auto dialect : {wire::Dialect::kLegacy, wire::Dialect::kModern}) {
      if (context->method() == wire::join_method(dialect)) {
        return begin_stream(hall_, gate_, parts_, *context, dialect);
      }
    }
    return grpc::CallbackGenericService::CreateReactor(context);  // UNIMPLEMENTED
  }

 private:
  Hall& hall_;
  UploadGate& gate_;
  PartsRule parts_;
};

Result<std::shared_ptr<grpc::ServerCredentials>> credentials(const ServerOptions& options) {
  if (options.tls_cert.empty()) {
    return grpc::InsecureServerCredentials();
  }
  grpc::SslServerCredentialsOptions tls;
  MARVEL_TRY(const auto own, read_identity(options.tls_cert, options.tls_key));
  tls.pem_key_cert_pairs.push_back({own.key, own.chain});
  if (!options.client_ca.empty()) {
    MARVEL_TRY(tls.pem_root_certs, read_certificates(options.client_ca, "--client-ca"));
    tls.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(tls);
}

// Pings keep streams alive through address translators while clients train for long, and find
// half-open links: 60 s + 20 s.
void tune(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A stream that is not read must stay small: no window that grows with the link. One that is read
  // gets the room of its whole message all the same.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES,
                             static_cast<int>(UploadGate::kWindow));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kLongestFrame);
  // Flower compresses nothing, and a few bytes from a stranger must not become many.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  // As many as Flower's server has on one connection, by default.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
}

// The port is ours, so that the gate knows the connections; gRPC gets them accepted.
class GrpcServerImpl : public GrpcServer {
 public:
  GrpcServerImpl(Hall& hall, std::size_t chunk) : service_(hall, gate_, chunk) {}
  GrpcServerImpl(const GrpcServerImpl&) = delete;
  GrpcServerImpl& operator=(const GrpcServerImpl&) = delete;
  ~GrpcServerImpl() override {
    listener_.reset();
    if (server_) {
      server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
    }
  }

  Status listen(const ServerOptions& options) {
    MARVEL_TRY(const auto how, credentials(options));
    MARVEL_TRY_STATUS(listener_->open(options.address));
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(std::numeric_limits<int>::max());  // the gate counts before
    builder.SetMaxSendMessageSize(-1);
    tune(builder);
    builder.RegisterCallbackGenericService(&service_);
    acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, how);
    server_ = builder.BuildAndStart();
    if (!server_) {
      return fail(Errc::kInput, "gRPC refuses the certificate",
                  "do --tls-cert and --tls-key belong together?");
    }
    listener_->start([this](int socket, const std::string& peer) {
      if (!gate_.add_connection(peer, socket)) {
        ::close(socket);  // the client tries again
        return;
      }
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
      connection.fd = socket;
      acceptor_->HandleNewConnection(&connection);
    });
    return {};
  }
  [[nodiscard]] int port() const override { return listener_->port(); }
  [[nodiscard]] bool short_of_descriptors() const override { return listener_->turned_away(); }

 private:
  UploadGate gate_;
  Service service_;
  std::unique_ptr<Listener> listener_ = std::make_unique<Listener>();
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<GrpcServer>> GrpcServer::open(const ServerOptions& options, Hall& hall) {
  auto server = std::make_unique<GrpcServerImpl>(hall, options.chunk);
  MARVEL_TRY_STATUS(server->listen(options));
  return server;
}

}  // namespace marvel::federate
