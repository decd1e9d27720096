// A client's life: link after link to the same server, one conversation over all of them. One
// thread; gRPC's completion queue is polled so that a stop is noticed within a moment.
#include "federate/transport/join.hpp"

#include "base/random.hpp"
#include "federate/client/conversation.hpp"
#include "federate/client/ready_file.hpp"
#include "federate/privacy/noise.hpp"
#include "federate/transport/buffers.hpp"
#include "federate/transport/tls_files.hpp"
#include "federate/wire/chunks.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace marvel::federate {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLook{100};  // between two looks at the stop flag
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{4000};  // so that clients are back within 5 s
// Longer than most proxies try to reach a server that is not there.
constexpr milliseconds kProxyPatience{10000};
constexpr milliseconds kLastWord{2000};  // for a server to take the client's goodbye
// Until a server has found out that an old link of this name is dead: keepalive's 60 s + 20 s.
constexpr milliseconds kTakenPatience{120000};
constexpr milliseconds kTakenPause{1000};

// One stream. All waiting is in wait(): true when the operation succeeded, false when it failed
// or when a stop was asked for (then the call is cancelled).
class ClientLink {
 public:
  ClientLink(const std::shared_ptr<grpc::Channel>& channel, const ClientOptions& options,
             const std::string& token, const StopFlag& stop)
      : stub_(channel), stop_(stop), chunk_(options.chunk) {
    context_.AddMetadata("marvel-client-id", options.cid);
    context_.AddMetadata("marvel-client-token", token);
    context_.AddMetadata("marvel-secagg", "1");
    if (options.encode) {
      context_.AddMetadata("marvel-encodes", "1");
    }
    context_.AddMetadata(kChunksMetadata, "1");
  }
  ClientLink(const ClientLink&) = delete;
  ClientLink& operator=(const ClientLink&) = delete;
  ~ClientLink() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  // `deadline`: when to stop waiting for a server that is not there.
  bool open(wire::Dialect dialect, std::optional<Clock::time_point> deadline) {
    context_.set_wait_for_ready(true);
    stream_ = stub_.PrepareCall(&context_, std::string(wire::join_method(dialect)), &queue_);
    stream_->StartCall(this);
    return wait(deadline);
  }
  // The next message, in however many parts; nothing at the end of the stream. kInput for parts
  // that do not belong together.
  Result<std::optional<Bytes>> read() {
    for (;;) {
      grpc::ByteBuffer part;
      stream_->Read(&part, this);
      if (!wait({})) {
        return std::optional<Bytes>();
      }
      MARVEL_TRY(auto whole, joiner_.add(from_grpc(part)));
      if (whole) {
        return whole;
      }
    }
  }
  // In parts if it is too long for one, and the server has said that it can read them.
  bool write(const Bytes& message) {
    const bool joins = context_.GetServerInitialMetadata().contains(kChunksMetadata);
    for (const auto& part : joins ? wire::split(message, chunk_) : std::vector<Bytes>{message}) {
      stream_->Write(to_grpc(part), this);
      if (!wait({})) {
        return false;
      }
    }
    return true;
  }
  // Why the stream has ended; one that has not is cancelled at `deadline`.
  grpc::Status finish(std::optional<Clock::time_point> deadline = {}) {
    grpc::Status status;
    stream_->Finish(&status, this);
    wait(deadline);
    return status;
  }

 private:
  bool wait(std::optional<Clock::time_point> deadline) {
    void* tag = nullptr;
    bool ok = false;
    while (queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + kLook) ==
           grpc::CompletionQueue::TIMEOUT) {
      if (stop_.raised() || (deadline && Clock::now() > *deadline)) {
        context_.TryCancel();
      }
    }
    return ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  const StopFlag& stop_;
  std::size_t chunk_;
  wire::ChunkJoiner joiner_;
};

Result<std::shared_ptr<grpc::ChannelCredentials>> credentials(const ClientOptions& options) {
  if (options.tls_ca.empty()) {
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions tls;
  MARVEL_TRY(tls.pem_root_certs, read_certificates(options.tls_ca, "--tls-ca"));
  if (!options.tls_cert.empty()) {
    MARVEL_TRY(auto own, read_identity(options.tls_cert, options.tls_key));
    tls.pem_cert_chain = std::move(own.chain);
    tls.pem_private_key = std::move(own.key);
  }
  return grpc::SslCredentials(tls);
}

Result<std::shared_ptr<grpc::Channel>> open_channel(const ClientOptions& options) {
  MARVEL_TRY(const auto how, credentials(options));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(options.keepalive.count()));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // training is long and silent
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kLongestFrame);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, static_cast<int>(kLongestPause.count()));
  return grpc::CreateCustomChannel(options.address, how, arguments);
}

// What no other process can say, so that nobody else takes this client's place.
Result<std::string> new_token() {
  MARVEL_TRY(const auto random, system_random());
  std::array<std::uint64_t, 2> numbers{};
  random->fill(numbers);
  return fmt::format("{:016x}{:016x}", numbers[0], numbers[1]);
}

class Membership {
 public:
  Membership(const ClientOptions& options, Trainer& trainer, Context& context)
      : options_(options),
        context_(context),
        ready_(options.ready_file, context.log),
        conversation_(trainer, options.cid),
        dialect_(options.dialect == ClientDialect::kLegacy ? wire::Dialect::kLegacy
                                                           : wire::Dialect::kModern) {}

  Result<ClientReportCard> run() {
    const auto started = Clock::now();
    if (!options_.state.empty()) {
      MARVEL_TRY(store_, UpdateStore::open(options_.state, options_.cid));
      conversation_.keep_in(*store_, context_.log);
    }
    conversation_.demand_secure(options_.secure);
    MARVEL_TRY(token_, new_token());
    MARVEL_TRY(const auto channel, open_channel(options_));
    last_contact_ = started;
    while (!over_ && !context_.stop.raised()) {
      MARVEL_TRY_STATUS(one_link(channel));
    }
    ClientReportCard report;
    report.status = over_ ? "done" : "interrupted";
    report.cid = options_.cid;
    report.dialect = connected_ ? wire::dialect_name(dialect_) : "";
    report.tally = conversation_.tally();
    report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
    return report;
  }

 private:
  Status one_link(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::Status status;
    heard_ = parted_ = false;
    {
      ClientLink link(channel, options_, token_, context_.stop);
      const bool open = link.open(dialect_, deadline());
      if (open) {
        const auto opened = Clock::now();
        connected_ = true;
        ready_.show();
        const auto talked = talk(link);
        ready_.hide();
        if (!talked && !context_.stop.raised()) {
          return talked;
        }
        // A proxy without a server behind it opens a link too, and ends it soon.
        if (heard_ || Clock::now() - opened > kProxyPatience) {
          pause_ = kFirstPause;
          last_contact_ = Clock::now();
        }
      }
      if (conversation_.ended()) {
        over_ = true;  // whatever the status: some servers cancel the call
        link.finish(Clock::now() + kLastWord);
        return {};
      }
      status = link.finish(parted_ ? std::optional(Clock::now() + kLastWord) : std::nullopt);
    }
    return after(status);
  }

  // Reads and answers until the stream ends; an error is one of the work, not of the link.
  Status talk(ClientLink& link) {
    for (;;) {
      MARVEL_TRY(const auto incoming, link.read());
      if (!incoming) {
        return {};
      }
      asked_ = heard_ = true;
      taken_since_.reset();
      MARVEL_TRY(const auto question, wire::decode_server(*incoming, dialect_));
      MARVEL_TRY(const auto answer, conversation_.answer(question));
      const bool sent = link.write(wire::encode(answer, dialect_));
      parted_ = std::holds_alternative<wire::Disconnect>(answer);
      if (!sent || parted_) {
        return {};
      }
    }
  }

  [[nodiscard]] std::optional<Clock::time_point> deadline() const {
    return options_.give_up ? std::optional(last_contact_ + *options_.give_up) : std::nullopt;
  }

  // What the end of a stream means.
  Status after(const grpc::Status& status) {
    if (context_.stop.raised()) {
      return {};
    }
    if (const auto pause = conversation_.take_pause(); pause > 0) {
      context_.log.info(fmt::format("the server asks to come back in {} s", pause));
      constexpr std::int64_t kDay = 86400;
      sleep(std::chrono::seconds(std::min(pause, kDay)));
      return {};
    }
    switch (status.error_code()) {
      case grpc::StatusCode::OK:  // the server has no more work for us
        over_ = true;
        return {};
      case grpc::StatusCode::UNIMPLEMENTED:
        // A server that has asked speaks the dialect: this is from who stands in front of it.
        return asked_ ? again(status) : other_dialect();
      case grpc::StatusCode::ALREADY_EXISTS:
        return taken(status);
      case grpc::StatusCode::UNAUTHENTICATED:
      case grpc::StatusCode::PERMISSION_DENIED:
        return fail(Errc::kDenied, fmt::format("the server at {} refuses this client: {}",
                                               options_.address, status.error_message()));
      case grpc::StatusCode::ABORTED:
        return fail(Errc::kConflict,
                    fmt::format("the server at {}: {}", options_.address, status.error_message()),
                    "give each client a --cid of its own");
      case grpc::StatusCode::INVALID_ARGUMENT:
        return fail(Errc::kInternal,
                    fmt::format("the server at {}: {}", options_.address, status.error_message()));
      default:
        return again(status);
    }
  }

  // The name may be that of this client's own process before, whose host has died: the server finds
  // that out after a while.
  Status taken(const grpc::Status& status) {
    if (!taken_since_) {
      taken_since_ = Clock::now();
      context_.log.warning(fmt::format("the server at {}: {} ({}); trying again for a while",
                                       options_.address, status.error_message(), options_.cid));
    }
    if (Clock::now() - *taken_since_ >
        std::min(kTakenPatience, options_.give_up.value_or(kTakenPatience))) {
      return fail(Errc::kConflict,
                  fmt::format("the server at {}: {}", options_.address, status.error_message()),
                  "give each client a --cid of its own");
    }
    sleep(kTakenPause);
    last_contact_ = Clock::now();  // a server that refuses is there
    return {};
  }

  Status other_dialect() {
    if (options_.dialect != ClientDialect::kAuto || tried_other_) {
      return fail(Errc::kUnsupported,
                  fmt::format("the server at {} does not speak Flower's bidirectional protocol {}",
                              options_.address, wire::dialect_name(dialect_)),
                  "is it a Flower server started with start_server, or another service?");
    }
    tried_other_ = true;
    dialect_ = dialect_ == wire::Dialect::kModern ? wire::Dialect::kLegacy : wire::Dialect::kModern;
    return {};
  }

  Status again(const grpc::Status& status) {
    if (const auto end = deadline(); end && Clock::now() >= *end) {
      return fail(Errc::kTimeout,
                  fmt::format("no server at {} for {} s: {}", options_.address,
                              options_.give_up.value_or(milliseconds{0}).count() / 1000,
                              status.error_message()));
    }
    context_.log.warning(fmt::format("the link to {} broke ({}); trying again", options_.address,
                                     status.error_message()));
    conversation_.note_reconnect();
    sleep(pause_ + milliseconds(random_.below(static_cast<std::uint32_t>(pause_.count()))));
    pause_ = std::min(kLongestPause / 2, pause_ * 2);
    return {};
  }

  void sleep(milliseconds time) const {
    const auto end = Clock::now() + time;
    while (Clock::now() < end && !context_.stop.raised()) {
      std::this_thread::sleep_for(std::min(kLook, time));
    }
  }

  const ClientOptions& options_;
  Context& context_;
  ReadyFile ready_;
  std::optional<UpdateStore> store_;
  Conversation conversation_;
  wire::Dialect dialect_;
  std::string token_;
  bool asked_ = false;   // by a server, in this dialect
  bool heard_ = false;   // a question, on this link
  bool parted_ = false;  // from the server, on this link
  bool tried_other_ = false;
  std::optional<Clock::time_point> taken_since_;  // another client has the name
  bool connected_ = false;
  bool over_ = false;
  milliseconds pause_ = kFirstPause;
  Clock::time_point last_contact_;
  // Only to keep clients from coming back all at once.
  CounterRng random_{stream_key(std::hash<std::string>{}(options_.cid), 1)};
};

}  // namespace

Result<ClientReportCard> join(const ClientOptions& options, Trainer& trainer, Context& context) {
  MARVEL_TRY_STATUS(validate(options));
  return Membership(options, trainer, context).run();
}

}  // namespace marvel::federate
