#include "vpn/wire/control.hpp"

#include "vpn/wire/reader.hpp"

namespace marvel::vpn {
namespace {

constexpr std::size_t kLongestName = 63;

enum class Kind : std::uint8_t {
  kRegister = 1,
  kLease,
  kRefused,
  kFind,
  kPeerInfo,
  kAbsent,
  kProbe,
  kProbeReply,
  kBye,
  kPathProbe,
  kEverybody,
  kTrainAsk,
  kTrain,
  kTrainEnd,
  kTrainReport,
};

// --- fields that several messages have ---

void write_name(Writer& out, const std::string& name) {
  out.number(static_cast<std::uint8_t>(name.size()));
  out.bytes(bytes_of(name));
}

std::string read_name(Reader& in) {
  std::string name = text_of(in.take(in.number<std::uint8_t>()));
  if (!is_node_name(name)) {
    in.refuse();
  }
  return name;
}

void write_endpoints(Writer& out, const std::vector<Endpoint>& endpoints) {
  const std::size_t count = std::min(endpoints.size(), kMaxCandidates);
  out.number(static_cast<std::uint8_t>(count));
  for (std::size_t at = 0; at < count; ++at) {
    out.endpoint(endpoints[at]);
  }
}

std::vector<Endpoint> read_endpoints(Reader& in) {
  std::vector<Endpoint> endpoints;
  const std::size_t count = in.number<std::uint8_t>();
  if (count > kMaxCandidates) {
    in.refuse();
    return endpoints;
  }
  for (std::size_t at = 0; at < count; ++at) {
    endpoints.push_back(in.endpoint());
  }
  return endpoints;
}

void write_prefixes(Writer& out, const std::vector<Subnet>& prefixes) {
  const std::size_t count = std::min(prefixes.size(), kMaxPrefixes);
  out.number(static_cast<std::uint8_t>(count));
  for (std::size_t at = 0; at < count; ++at) {
    out.number(prefixes[at].base);
    out.number(static_cast<std::uint8_t>(prefixes[at].bits));
  }
}

std::vector<Subnet> read_prefixes(Reader& in) {
  std::vector<Subnet> prefixes;
  const std::size_t count = in.number<std::uint8_t>();
  if (count > kMaxPrefixes) {
    in.refuse();
    return prefixes;
  }
  for (std::size_t at = 0; at < count; ++at) {
    const auto base = in.number<Ipv4>();
    const auto bits = in.number<std::uint8_t>();
    const Subnet subnet{base, std::clamp<unsigned>(bits, 8, 32)};
    if (subnet.bits != bits || (base & ~subnet.mask()) != 0) {
      in.refuse();
    }
    prefixes.push_back(subnet);
  }
  return prefixes;
}

void write_padding(Writer& out, std::uint16_t size) {
  out.number(size);
  out.bytes(std::vector<std::uint8_t>(size));
}

// Zeros only, so that nothing can be hidden in it.
std::uint16_t read_padding(Reader& in) {
  const auto size = in.number<std::uint16_t>();
  const Bytes padding = in.take(size);
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t one) { return one != 0; })) {
    in.refuse();
  }
  return size;
}

bool is_train_length(std::uint16_t packets) {
  return packets >= 2 && packets <= kMostTrainPackets;
}

// --- one pair per message ---

void write(Writer& out, const Register& message) {
  out.number(Kind::kRegister);
  write_name(out, message.name);
  out.number(message.wanted);
  write_endpoints(out, message.candidates);
  write_prefixes(out, message.prefixes);
}
Register read_register(Reader& in) {
  Register message;
  message.name = read_name(in);
  message.wanted = in.number<Ipv4>();
  message.candidates = read_endpoints(in);
  message.prefixes = read_prefixes(in);
  return message;
}

void write(Writer& out, const Lease& message) {
  out.number(Kind::kLease);
  out.number(message.address);
  out.number(message.bits);
  out.endpoint(message.seen);
}
Lease read_lease(Reader& in) {
  Lease message;
  message.address = in.number<Ipv4>();
  message.bits = in.number<std::uint8_t>();
  message.seen = in.endpoint();
  const bool sane = message.bits >= 8 && message.bits <= 30;
  if (!sane || message.address == 0) {
    in.refuse();
  }
  return message;
}

void write(Writer& out, const Refused& message) {
  out.number(Kind::kRefused);
  out.number(message.reason);
}
Refused read_refused(Reader& in) {
  const auto reason = in.number<std::uint8_t>();
  if (reason < 1 || reason > 4) {
    in.refuse();
    return {};
  }
  return {static_cast<Refused::Reason>(reason)};
}

void write(Writer& out, const Find& message) {
  out.number(Kind::kFind);
  out.number(message.address);
  out.bytes(message.node);
}
Find read_find(Reader& in) {
  Find message;
  message.address = in.number<Ipv4>();
  message.node = in.block<8>();
  return message;
}

void write(Writer& out, const PeerInfo& message) {
  out.number(Kind::kPeerInfo);
  out.bytes(message.key);
  out.number(message.address);
  write_name(out, message.name);
  out.endpoint(message.seen);
  write_endpoints(out, message.candidates);
  write_prefixes(out, message.prefixes);
}
PeerInfo read_peer_info(Reader& in) {
  PeerInfo message;
  message.key = in.block<32>();
  message.address = in.number<Ipv4>();
  message.name = read_name(in);
  message.seen = in.endpoint();
  message.candidates = read_endpoints(in);
  message.prefixes = read_prefixes(in);
  return message;
}

void write(Writer& out, const Absent& message) {
  out.number(Kind::kAbsent);
  out.number(message.address);
  out.bytes(message.node);
}
Absent read_absent(Reader& in) {
  const Find same = read_find(in);
  return {same.address, same.node};
}

void write(Writer& out, const Probe& message) {
  out.number(Kind::kProbe);
  out.number(message.token);
}

void write(Writer& out, const ProbeReply& message) {
  out.number(Kind::kProbeReply);
  out.number(message.token);
  out.endpoint(message.seen);
}
ProbeReply read_probe_reply(Reader& in) {
  ProbeReply message;
  message.token = in.number<std::uint64_t>();
  message.seen = in.endpoint();
  return message;
}

void write(Writer& out, const Bye& /*message*/) {
  out.number(Kind::kBye);
}

void write(Writer& out, const PathProbe& message) {
  out.number(Kind::kPathProbe);
  out.number(message.token);
  write_padding(out, message.padding);
}
PathProbe read_path_probe(Reader& in) {
  PathProbe message;
  message.token = in.number<std::uint64_t>();
  message.padding = read_padding(in);
  return message;
}

void write(Writer& out, const Everybody& /*message*/) {
  out.number(Kind::kEverybody);
}

void write(Writer& out, const TrainAsk& message) {
  out.number(Kind::kTrainAsk);
  out.number(message.token);
  out.number(message.packets);
  out.number(message.size);
}
TrainAsk read_train_ask(Reader& in) {
  TrainAsk message;
  message.token = in.number<std::uint64_t>();
  message.packets = in.number<std::uint16_t>();
  message.size = in.number<std::uint16_t>();
  const bool sane = is_train_length(message.packets) && message.size >= kTrainText &&
                    message.size <= kMostTrainText;
  if (!sane) {
    in.refuse();
  }
  return message;
}

void write(Writer& out, const Train& message) {
  out.number(Kind::kTrain);
  out.number(message.token);
  out.number(message.number);
  out.number(message.packets);
  write_padding(out, message.padding);
}
Train read_train(Reader& in) {
  Train message;
  message.token = in.number<std::uint64_t>();
  message.number = in.number<std::uint16_t>();
  message.packets = in.number<std::uint16_t>();
  message.padding = read_padding(in);
  if (!is_train_length(message.packets) || message.number >= message.packets) {
    in.refuse();
  }
  return message;
}

void write(Writer& out, const TrainEnd& message) {
  out.number(Kind::kTrainEnd);
  out.number(message.token);
}

void write(Writer& out, const TrainReport& message) {
  out.number(Kind::kTrainReport);
  out.number(message.token);
  out.number(message.packets);
  out.number(message.bytes);
  out.number(message.span_us);
}
TrainReport read_train_report(Reader& in) {
  TrainReport message;
  message.token = in.number<std::uint64_t>();
  message.packets = in.number<std::uint16_t>();
  message.bytes = in.number<std::uint32_t>();
  message.span_us = in.number<std::uint32_t>();
  return message;
}

Control read_kind(Kind kind, Reader& in) {
  switch (kind) {
    case Kind::kRegister:
      return read_register(in);
    case Kind::kLease:
      return read_lease(in);
    case Kind::kRefused:
      return read_refused(in);
    case Kind::kFind:
      return read_find(in);
    case Kind::kPeerInfo:
      return read_peer_info(in);
    case Kind::kAbsent:
      return read_absent(in);
    case Kind::kProbe:
      return Probe{in.number<std::uint64_t>()};
    case Kind::kProbeReply:
      return read_probe_reply(in);
    case Kind::kBye:
      return Bye{};
    case Kind::kPathProbe:
      return read_path_probe(in);
    case Kind::kEverybody:
      return Everybody{};
    case Kind::kTrainAsk:
      return read_train_ask(in);
    case Kind::kTrain:
      return read_train(in);
    case Kind::kTrainEnd:
      return TrainEnd{in.number<std::uint64_t>()};
    case Kind::kTrainReport:
      return read_train_report(in);
  }
  in.refuse();
  return Bye{};
}

bool is_name_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
}

}  // namespace

std::vector<std::uint8_t> encode(const Control& message) {
  Writer out;
  std::visit([&out](const auto& one) { write(out, one); }, message);
  return out.take();
}

std::optional<Control> decode(Bytes bytes) {
  Reader in(bytes);
  const auto number = in.number<std::uint8_t>();
  if (number < static_cast<std::uint8_t>(Kind::kRegister) ||
      number > static_cast<std::uint8_t>(Kind::kTrainReport)) {
    return std::nullopt;
  }
  const auto kind = static_cast<Kind>(number);
  Control message = read_kind(kind, in);
  return in.done() ? std::optional(std::move(message)) : std::nullopt;
}

bool is_node_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), is_name_letter);
}

}  // namespace marvel::vpn
