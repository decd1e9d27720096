// gRPC without generated code: the generic service hands over raw messages and the method's path,
// so both of Flower's services live on one port and a model is never copied into a message class.
#include "federate/transport/grpc_server.hpp"

#include "federate/transport/buffers.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace marvel::federate {
namespace {

// "ipv4:10.0.0.7:51234" without the port, which is another one after each reconnect.
std::string without_port(const std::string& peer) {
  return peer.substr(0, peer.rfind(':'));
}

// A client's name: of its certificate, or what it says itself.
std::string name_of(const grpc::CallbackServerContext& context) {
  const auto identity = context.auth_context();
  if (identity && identity->IsPeerAuthenticated()) {
    const auto names = identity->FindPropertyValues("x509_common_name");
    if (!names.empty()) {
      return {names.front().data(), names.front().size()};
    }
  }
  const auto& metadata = context.client_metadata();
  const auto said = metadata.find("marvel-client-id");
  return said == metadata.end() ? std::string()
                                : std::string(said->second.data(), said->second.size());
}

// What marvel's client makes of each: the end, a conflict, a bug or attack, a reason to come back.
grpc::Status status_of(Farewell why) {
  switch (why) {
    case Farewell::kDone:
      return grpc::Status::OK;
    case Farewell::kReplaced:
      return {grpc::StatusCode::ABORTED, "another client has joined with the same name"};
    case Farewell::kRefused:
      return {grpc::StatusCode::INVALID_ARGUMENT, "the message cannot be read"};
    case Farewell::kStopping:
      return {grpc::StatusCode::UNAVAILABLE, "the server cannot go on; come back later"};
  }
  return grpc::Status::OK;
}

// What a stream needs between gRPC's callbacks and the hall's orders. gRPC allows one write at a
// time and none after Finish, and may call back within a call of ours: hence the recursive lock.
// Lives until both gRPC (self_) and the hall have let go.
class Stream final : public grpc::ServerGenericBidiReactor, public Link {
 public:
  static Stream* begin(Hall& hall, const grpc::GenericCallbackServerContext& context,
                       wire::Dialect dialect) {
    const auto stream = std::make_shared<Stream>(hall, dialect);
    stream->self_ = stream;
    stream->id_ = hall.join(stream, {name_of(context), without_port(context.peer()), dialect});
    stream->StartRead(&stream->incoming_);
    return stream.get();
  }

  Stream(Hall& hall, wire::Dialect dialect) : hall_(hall), dialect_(dialect) {}

  void send(const wire::ServerMessage& message) override {
    auto buffer = to_grpc(wire::encode(message, dialect_));
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(buffer));
    write_next();
  }
  void close(Farewell why) override {
    const std::scoped_lock lock(mutex_);
    if (!closing_) {
      closing_ = true;
      status_ = status_of(why);
    }
    write_next();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      hall_.leave(id_);
      close(Farewell::kDone);
      return;
    }
    const Bytes message = from_grpc(std::exchange(incoming_, {}));
    hall_.receive(id_, message, dialect_);
    StartRead(&incoming_);
  }
  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    outgoing_.Clear();
    if (!ok) {
      closing_ = true;
      queue_.clear();
    }
    write_next();
  }
  void OnDone() override {
    hall_.leave(id_);
    const auto last = std::exchange(self_, nullptr);
  }

 private:
  void write_next() {
    if (writing_ || finished_) {
      return;
    }
    if (!queue_.empty()) {
      writing_ = true;
      outgoing_.Swap(&queue_.front());
      queue_.pop_front();
      StartWrite(&outgoing_);
    } else if (closing_) {
      finished_ = true;
      Finish(status_);
    }
  }

  Hall& hall_;
  wire::Dialect dialect_;
  std::atomic<SessionId> id_ = 0;  // another thread may close the stream before begin() is through
  std::shared_ptr<Stream> self_;
  grpc::ByteBuffer incoming_;

  std::recursive_mutex mutex_;  // guards what follows
  std::deque<grpc::ByteBuffer> queue_;
  grpc::ByteBuffer outgoing_;
  bool writing_ = false;
  bool closing_ = false;
  grpc::Status status_;
  bool finished_ = false;
};

class Service : public grpc::CallbackGenericService {
 public:
  explicit Service(Hall& hall) : hall_(hall) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    for (const auto dialect : {wire::Dialect::kLegacy, wire::Dialect::kModern}) {
      if (context->method() == wire::join_method(dialect)) {
        return Stream::begin(hall_, *context, dialect);
      }
    }
    return grpc::CallbackGenericService::CreateReactor(context);  // UNIMPLEMENTED
  }

 private:
  Hall& hall_;
};

Result<std::shared_ptr<grpc::ServerCredentials>> credentials(const ServerOptions& options) {
  if (options.tls_cert.empty()) {
    return grpc::InsecureServerCredentials();
  }
  grpc::SslServerCredentialsOptions tls;
  MARVEL_TRY(const std::string key, read_pem(options.tls_key, "--tls-key"));
  MARVEL_TRY(const std::string cert, read_pem(options.tls_cert, "--tls-cert"));
  tls.pem_key_cert_pairs.push_back({key, cert});
  if (!options.client_ca.empty()) {
    MARVEL_TRY(tls.pem_root_certs, read_pem(options.client_ca, "--client-ca"));
    tls.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(tls);
}

// Pings keep streams alive through address translators while clients train for long, and find
// half-open links: 60 s + 20 s.
void keep_alive(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

class GrpcServerImpl : public GrpcServer {
 public:
  explicit GrpcServerImpl(Hall& hall) : service_(hall) {}
  GrpcServerImpl(const GrpcServerImpl&) = delete;
  GrpcServerImpl& operator=(const GrpcServerImpl&) = delete;
  ~GrpcServerImpl() override {
    if (server_) {
      server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
    }
  }

  Status listen(const ServerOptions& options) {
    MARVEL_TRY(const auto how, credentials(options));
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(-1);
    builder.SetMaxSendMessageSize(-1);
    keep_alive(builder);
    builder.RegisterCallbackGenericService(&service_);
    builder.AddListeningPort(options.address, how, &port_);
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) {
      return fail(Errc::kUnavailable, fmt::format("cannot listen on {}", options.address),
                  options.tls_cert.empty()
                      ? "is the port taken, or the address of another machine?"
                      : "is the port taken, or do certificate and key not belong together?");
    }
    return {};
  }
  [[nodiscard]] int port() const override { return port_; }

 private:
  Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<GrpcServer>> GrpcServer::open(const ServerOptions& options, Hall& hall) {
  auto server = std::make_unique<GrpcServerImpl>(hall);
  MARVEL_TRY_STATUS(server->listen(options));
  return server;
}

}  // namespace marvel::federate
