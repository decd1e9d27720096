// n2n's datagrams: what was accepted is written as the same bytes again; whole nodes take any
// datagrams and frames, and a super node sends at most one datagram to each edge and other super
// node for one that it got. The first byte chooses cipher, encrypted headers, users and federation.
#include "fuzz/check.hpp"
#include "fuzz/vpn_support.hpp"
#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace marvel::vpn;

constexpr std::size_t kLargestAnswer = 640;  // more than an answer adds: it lists super nodes

class LawfulSink : public Sink {
 public:
  void deliver(Bytes frame, const PartialChecksum& checksum) override {
    FUZZ_LAW(frame.size() >= 14);
    FUZZ_LAW(checksum.start == 0 || checksum.start + checksum.offset + 2U <= frame.size());
  }
  void addressed(Ipv4 /*address*/, unsigned bits) override { FUZZ_LAW(bits >= 8 && bits <= 30); }
};

void check_codec(Bytes bytes) {
  if (const auto message = n2n::decode(bytes)) {
    const auto again = n2n::encode(*message);
    FUZZ_LAW(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  }
  if (const auto head = n2n::read_head(bytes)) {
    std::vector<std::uint8_t> again(head->size());
    n2n::write_head(*head, again);
    FUZZ_LAW(std::equal(again.begin(), again.end(), bytes.begin()));
  }
}

// The first byte of an input.
struct Setting {
  explicit Setting(std::uint8_t choice)
      : cipher(kCiphers.at(choice & 3U)),
        encrypted((choice & 4U) != 0),
        users((choice & 8U) != 0),
        federated((choice & 16U) != 0) {}

  static constexpr std::array kCiphers{n2n::Cipher::kNull, n2n::Cipher::kAes,
                                       n2n::Cipher::kChaCha20, n2n::Cipher::kSpeck};
  n2n::Cipher cipher;
  bool encrypted;
  bool users;
  bool federated;
};

static const Endpoint kSomewhere = Endpoint::from_ipv4(0xc0000201, 7654);
static const Endpoint kOtherSuper = Endpoint::from_ipv4(0xc0000202, 7654);
constexpr std::string_view kFederation = "secretFed";

n2n::Community named(std::string_view name) {
  return n2n::community_of(name).value_or(n2n::Community{});
}

n2n::EdgeOptions options_of(const Setting& setting) {
  n2n::EdgeOptions options;
  options.community = named("testnet");
  options.name = "edge";
  options.key = "k123";
  options.mac = {2, 0, 0, 0, 0, 1};
  options.cipher = setting.cipher;
  options.encrypted_header = setting.encrypted;
  options.multicast = setting.federated;
  options.supernodes = {kSomewhere};
  const Secret user = n2n::user_key("logan", "007");
  const auto shared = n2n::SharedKey::of(user, n2n::public_key(n2n::federation_key(kFederation)));
  if (setting.users && shared) {
    options.login = n2n::Login{n2n::public_key(user), *shared};
  }
  return options;
}

n2n::SupernodeOptions served_by(const Setting& setting) {
  n2n::SupernodeOptions options;
  options.mac = {2, 0, 0, 0, 1, 1};
  if (setting.federated) {
    options.federation = kFederation;
    options.federated = {kOtherSuper};
  }
  return options;
}

// One datagram: 11 bits of its size; where it comes from, and whether it is dressed as one that was
// encrypted by the name of the community or of the federation, which chance would never find.
struct Piece {
  Piece(std::uint16_t head, Bytes rest)
      : from((head & 0x8000U) != 0 ? kOtherSuper : kSomewhere),
        federation((head & 0x4000U) != 0),
        sealed((head & 0x2000U) != 0),
        bytes(rest.first(std::min<std::size_t>(head & 0x7ffU, rest.size()))) {}

  Endpoint from;
  bool federation;
  bool sealed;
  Bytes bytes;

  [[nodiscard]] std::vector<std::uint8_t> datagram(Time now) const {
    std::vector<std::uint8_t> made(bytes.begin(), bytes.end());
    if (sealed && made.size() >= n2n::kCommonSize) {
      const n2n::HeaderCipher cipher(
          federation ? n2n::federation_of(kFederation).value_or(n2n::Community{})
                     : named("testnet"));
      const std::size_t trailer = made.size() % 2 == 0 ? 0 : n2n::Cover::kTrailer;
      if (made.size() >= n2n::kCommonSize + trailer) {
        const MutableBytes body = MutableBytes(made).first(made.size() - trailer);
        cipher.seal(body, body.size(), n2n::stamp_at(static_cast<std::uint64_t>(now.count())), 0);
      }
    }
    return made;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const Setting setting(data[0]);
  FixedRandom random;
  LawfulSink edge_sink;
  LawfulSink supernode_sink;
  n2n::Edge edge(options_of(setting), random, edge_sink);
  n2n::Supernode supernode(served_by(setting), random, supernode_sink);
  n2n::CommunityEntry entry{"testnet", std::nullopt, {}};
  if (setting.users) {
    entry.users.push_back({"logan", n2n::public_key(n2n::user_key("logan", "007"))});
  }
  FUZZ_LAW(supernode.add(entry).has_value());

  Bytes rest(data + 1, size - 1);
  Time now = seconds(1);
  while (rest.size() > 2) {
    const Piece piece(load_le<std::uint16_t>(rest.data()), rest.subspan(2));
    rest = rest.subspan(2 + piece.bytes.size());
    check_codec(piece.bytes);
    auto bytes = piece.datagram(now);
    const std::size_t before = supernode_sink.sent;
    supernode.datagram(now, piece.from, bytes);
    const std::size_t places = supernode.edges().size() + supernode.federated().size() + 2;
    FUZZ_LAW(supernode_sink.sent - before <= (bytes.size() + kLargestAnswer) * places);
    bytes = piece.datagram(now);
    edge.datagram(now, piece.from, bytes);
    edge.frame(now, piece.bytes, {});
    edge.tick(now);
    supernode.tick(now);
    now += kTick;
  }
  return 0;
}
