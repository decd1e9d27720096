#include "federate/transport/stream.hpp"

#include "federate/client/size_report.hpp"
#include "federate/transport/buffers.hpp"
#include "federate/wire/chunks.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <grpcpp/security/auth_context.h>

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
    for (const char* property : {"x509_common_name", "x509_subject_alternative_name"}) {
      const auto names = identity->FindPropertyValues(property);
      if (!names.empty() && !names.front().empty()) {
        return {names.front().data(), names.front().size()};
      }
    }
    return {};  // what it says itself must not stand for a certificate's name
  }
  const auto& metadata = context.client_metadata();
  const auto said = metadata.find("marvel-client-id");
  return said == metadata.end() ? std::string()
                                : std::string(said->second.data(), said->second.size());
}

// Whether the client says of itself that it can do this.
bool says(const grpc::CallbackServerContext& context, const char* ability) {
  const auto said = context.client_metadata().find(ability);
  return said != context.client_metadata().end() && said->second == "1";
}

// Expected bytes of the answer to a message of `bytes`; `model` is the size of the last message
// with a model.
double answer_size(const wire::ServerMessage& message, std::size_t bytes, std::size_t model) {
  const auto* fit = std::get_if<wire::Fit>(&message);
  if (fit == nullptr) {
    return 0;
  }
  const auto setting = [&config = fit->config]<class T>(const char* name, const T& otherwise) {
    const auto found = config.find(name);
    const auto* value = found == config.end() ? nullptr : std::get_if<T>(&found->second);
    return value == nullptr ? otherwise : *value;
  };
  if (fit->config.contains(kReportSetting)) {
    return 0;  // the size of an update first
  }
  if (fit->parameters.tensors.empty()) {
    bytes = fit->config.contains(kUploadSetting) ? model : 0;
  }
  const auto encoding = wire::update_encoding_of(setting("marvel.encoding", std::string("none")));
  return static_cast<double>(bytes) * wire::expected_share(encoding, setting("marvel.keep", 1.0));
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
    case Farewell::kInsecure:
      return {grpc::StatusCode::PERMISSION_DENIED, "it takes updates by secure aggregation only"};
    case Farewell::kStopping:
      return {grpc::StatusCode::UNAVAILABLE, "the server cannot go on; come back later"};
  }
  return grpc::Status::OK;
}

// Answers of at least so many bytes wait at the gate.
constexpr double kLargeAnswer = 1 << 20U;

// What a stream needs between gRPC's callbacks and the hall's orders. gRPC allows one write and one
// read at a time and none after Finish, and may call back within a call of ours: hence the
// recursive lock. A read is begun only when the client has been asked something; that it has gone
// before is told by OnCancel. Lives until gRPC (self_), the hall and the gate have let go.
class Stream final : public grpc::ServerGenericBidiReactor,
                     public Link,
                     public std::enable_shared_from_this<Stream> {
 public:
  static grpc::ServerGenericBidiReactor* begin(Hall& hall, UploadGate& gate, PartsRule& parts,
                                               grpc::GenericCallbackServerContext& context,
                                               wire::Dialect dialect) {
    const bool joins = says(context, kChunksMetadata);
    if (joins) {
      context.AddInitialMetadata(kChunksMetadata, "1");
    }
    const auto stream =
        std::make_shared<Stream>(hall, gate, context.peer(), dialect, joins ? &parts : nullptr);
    stream->self_ = stream;
    stream->id_ =
        hall.join(stream, {name_of(context), without_port(context.peer()), dialect,
                           says(context, "marvel-encodes"), says(context, "marvel-secagg")});
    return stream.get();
  }

  // `parts`: null for a client that joins none.
  Stream(Hall& hall, UploadGate& gate, const std::string& peer, wire::Dialect dialect,
         PartsRule* parts)
      : hall_(hall),
        gate_(gate),
        peer_(UploadGate::plain_peer(peer)),
        dialect_(dialect),
        parts_(parts) {}

  void send(const wire::ServerMessage& message) override {
    const Bytes bytes = wire::encode(message, dialect_);
    const std::scoped_lock lock(mutex_);
    large_answer_ = answer_size(message, bytes.size(), model_bytes_) >= kLargeAnswer;
    if (const auto* fit = std::get_if<wire::Fit>(&message);
        fit && !fit->parameters.tensors.empty()) {
      model_bytes_ = bytes.size();
    }
    base_ = large_answer_ ? gate_.received(peer_) : 0;
    enough_ = UploadGate::enough(bytes.size());
    if (parts_ == nullptr) {
      queue_.push_back(to_grpc(bytes));
    } else {
      parts_->note_question(bytes.size());
      longest_answer_ = parts_->longest_answer(message);
      for (const auto& part : wire::split(bytes, parts_->chunk())) {
        queue_.push_back(to_grpc(part));
      }
    }
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
    Bytes message;
    if (ok) {
      auto whole = take();
      if (!whole) {  // more of it is to come, and the gate stays as it is
        StartRead(&incoming_);
        return;
      }
      message = std::move(*whole);
    }
    const auto ticket = ticket_.exchange(0);
    gate_.arrived(ticket);  // the next question may go out before this message is freed
    {
      const std::scoped_lock lock(mutex_);
      reading_ = false;
    }
    if (ok) {
      hall_.receive(id_, std::exchange(message, {}), dialect_);
    } else {
      end();
    }
    gate_.done(ticket);
  }
  void OnWriteDone(bool ok) override {
    bool ask = false;
    bool last = false;  // part of the question
    std::uint64_t base = 0;
    std::uint64_t enough = 0;
    {
      const std::scoped_lock lock(mutex_);
      writing_ = false;
      outgoing_.Clear();
      if (!ok) {
        closing_ = true;
        queue_.clear();
      }
      last = queue_.empty();
      ask = ok && last && large_answer_;
      base = base_;
      enough = enough_;
      write_next();
    }
    if (ask) {
      ticket_ = gate_.new_ticket();  // known before the read can end
      gate_.wait(ticket_, peer_, base, enough, [stream = shared_from_this()] { stream->read(); });
    } else if (ok && last) {
      read();
    }
  }
  void OnCancel() override { end(); }
  void OnDone() override {
    hall_.leave(id_);
    gate_.done(ticket_.exchange(0));
    const auto last = std::exchange(self_, nullptr);
  }

 private:
  void end() {
    hall_.leave(id_);
    close(Farewell::kDone);
  }
  // What has been read, put together; nothing while parts are missing. Parts that are none become
  // bytes that are no message, so that the hall refuses the client.
  std::optional<Bytes> take() {
    Bytes bytes = from_grpc(std::exchange(incoming_, {}));
    if (parts_ == nullptr) {
      return bytes;
    }
    {
      const std::scoped_lock lock(mutex_);
      joiner_.set_longest(longest_answer_);
    }
    auto whole = joiner_.add(std::move(bytes));
    return whole ? std::move(*whole) : Bytes::from("\xD6");
  }
  void read() {
    const std::scoped_lock lock(mutex_);
    if (!reading_ && !finished_) {
      reading_ = true;
      StartRead(&incoming_);
    }
  }
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
  UploadGate& gate_;
  std::string peer_;
  wire::Dialect dialect_;
  PartsRule* parts_;
  std::atomic<SessionId> id_ = 0;  // another thread may close the stream before begin() is through
  std::atomic<UploadGate::Ticket> ticket_ = 0;
  std::shared_ptr<Stream> self_;
  grpc::ByteBuffer incoming_;
  wire::ChunkJoiner joiner_;  // only one read at a time

  std::recursive_mutex mutex_;  // guards what follows
  std::deque<grpc::ByteBuffer> queue_;
  grpc::ByteBuffer outgoing_;
  // Of the answer to the last message sent.
  bool large_answer_ = false;
  std::size_t model_bytes_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t enough_ = 0;
  std::uint64_t longest_answer_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;
  grpc::Status status_;
  bool finished_ = false;
};

}  // namespace

grpc::ServerGenericBidiReactor* begin_stream(Hall& hall, UploadGate& gate, PartsRule& parts,
                                             grpc::GenericCallbackServerContext& context,
                                             wire::Dialect dialect) {
  return Stream::begin(hall, gate, parts, context, dialect);
}

}  // namespace marvel::federate
