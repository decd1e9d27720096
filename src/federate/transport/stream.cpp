#include "federate/transport/stream.hpp"

#include "federate/transport/buffers.hpp"
#include "federate/transport/expected_answer.hpp"
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

// Empty where it is not there.
std::string metadata_of(const grpc::CallbackServerContext& context, const char* key) {
  const auto said = context.client_metadata().find(key);
  return said == context.client_metadata().end()
             ? std::string()
             : std::string(said->second.data(), said->second.size());
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
  return metadata_of(context, "marvel-client-id");
}

// Whether the client says of itself that it can do this.
bool says(const grpc::CallbackServerContext& context, const char* ability) {
  return metadata_of(context, ability) == "1";
}

// What marvel's client makes of each: the end, a conflict, a bug or attack, a reason to come back.
grpc::Status status_of(Farewell why) {
  switch (why) {
    case Farewell::kDone:
      return grpc::Status::OK;
    case Farewell::kReplaced:
      return {grpc::StatusCode::ABORTED, "another client has joined with the same name"};
    case Farewell::kTaken:
      return {grpc::StatusCode::ALREADY_EXISTS, "a client with the same name is there already"};
    case Farewell::kRefused:
      return {grpc::StatusCode::INVALID_ARGUMENT, "the message cannot be read"};
    case Farewell::kInsecure:
      return {grpc::StatusCode::PERMISSION_DENIED, "it takes updates by secure aggregation only"};
    case Farewell::kStopping:
      return {grpc::StatusCode::UNAVAILABLE, "the server cannot go on; come back later"};
  }
  return grpc::Status::OK;
}

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
    const auto stream = std::make_shared<Stream>(hall, gate, parts, context.peer(), dialect, joins);
    stream->self_ = stream;
    stream->id_ =
        hall.join(stream, {name_of(context), without_port(context.peer()), dialect,
                           says(context, "marvel-encodes"), says(context, "marvel-secagg"),
                           metadata_of(context, "marvel-client-token")});
    return stream.get();
  }

  // `joins_parts`: as only marvel's clients do.
  Stream(Hall& hall, UploadGate& gate, PartsRule& parts, const std::string& peer,
         wire::Dialect dialect, bool joins_parts)
      : hall_(hall),
        gate_(gate),
        parts_(parts),
        peer_(UploadGate::plain_peer(peer)),
        dialect_(dialect),
        joins_parts_(joins_parts) {}

  void send(const wire::ServerMessage& message) override {
    const Bytes bytes = wire::encode(message, dialect_);
    parts_.note_question(bytes.size());
    const std::scoped_lock lock(mutex_);
    longest_answer_ = parts_.longest_answer(message);
    wait_ = wait_for_answer(message, bytes.size());
    if (const auto* fit = std::get_if<wire::Fit>(&message);
        fit && !fit->parameters.tensors.empty()) {
      model_bytes_ = bytes.size();
    }
    if (!joins_parts_) {
      queue_.push_back(to_grpc(bytes));
    } else {
      for (const auto& part : wire::split(bytes, parts_.chunk())) {
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
    // The next question may go out before this message is freed.
    gate_.arrived(ticket, message.size());
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
    UploadGate::Wait wait;
    {
      const std::scoped_lock lock(mutex_);
      writing_ = false;
      outgoing_.Clear();
      if (!ok) {
        closing_ = true;
        queue_.clear();
      }
      if (ok && queue_.empty()) {  // the last part of the question
        wait = std::exchange(wait_, {});
      }
      write_next();
    }
    if (wait.start) {
      const auto ticket = gate_.new_ticket();
      ticket_ = ticket;  // known before the read can end
      gate_.wait(ticket, std::move(wait));
    }
  }
  void OnCancel() override { end(); }
  void OnDone() override {
    hall_.leave(id_);
    gate_.done(ticket_.exchange(0));
    {
      const std::scoped_lock lock(mutex_);
      wait_ = {};  // it refers to this stream
    }
    const auto last = std::exchange(self_, nullptr);
  }

 private:
  void end() {
    hall_.leave(id_);
    close(Farewell::kDone);
  }
  UploadGate::Wait wait_for_answer(const wire::ServerMessage& question, std::uint64_t asked) {
    const auto expected = expected_answer(question, asked, {joins_parts_, model_bytes_});
    UploadGate::Wait wait;
    wait.peer = peer_;
    wait.base = gate_.received(peer_);
    wait.asked = asked;
    wait.expected = expected.bytes;
    wait.is_free = expected.at_once;
    wait.slack = parts_.longest_answer();
    wait.round = round_of(question);
    wait.start = [stream = shared_from_this()] { stream->read(); };
    wait.end = [stream = shared_from_this()](UploadGate::End why) { stream->end_by_gate(why); };
    return wait;
  }
  void end_by_gate(UploadGate::End why) {
    if (why == UploadGate::End::kTooMuch) {
      hall_.refuse(id_, {Errc::kInput, "it sends more than it was asked for", "", {}});
      return;
    }
    hall_.leave(id_);  // it may come back and try again
    const std::scoped_lock lock(mutex_);
    if (!closing_) {
      closing_ = true;
      status_ = {grpc::StatusCode::UNAVAILABLE, "the upload stood still while others waited"};
    }
    write_next();
  }
  // What has been read, put together; nothing while parts are missing. Parts that are none become
  // bytes that are no message, so that the hall refuses the client.
  std::optional<Bytes> take() {
    Bytes bytes = from_grpc(std::exchange(incoming_, {}));
    if (!joins_parts_) {
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
  PartsRule& parts_;
  std::string peer_;
  wire::Dialect dialect_;
  bool joins_parts_;
  std::atomic<SessionId> id_ = 0;  // another thread may close the stream before begin() is through
  std::atomic<UploadGate::Ticket> ticket_ = 0;
  std::shared_ptr<Stream> self_;
  grpc::ByteBuffer incoming_;
  wire::ChunkJoiner joiner_;  // only one read at a time

  std::recursive_mutex mutex_;  // guards what follows
  std::deque<grpc::ByteBuffer> queue_;
  grpc::ByteBuffer outgoing_;
  UploadGate::Wait wait_;  // for the answer to the question in the queue
  std::uint64_t longest_answer_ = 0;
  std::uint64_t model_bytes_ = 0;  // of the last question with a model
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
