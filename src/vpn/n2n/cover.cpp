#include "vpn/n2n/cover.hpp"

#include "vpn/n2n/pearson.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {

namespace {

constexpr std::size_t kHiddenPayload = 16;  // the IV of the frame's cipher

}  // namespace

bool is_registration(Type type) {
  return type == Type::kRegisterSuper || type == Type::kRegisterSuperAck ||
         type == Type::kRegisterSuperNak;
}

Cover::Cover(const Community& community, bool encrypted, Random& random,
             std::uint64_t unix_ns_at_zero)
    : community_(community),
      cipher_(community),
      encrypted_(encrypted),
      random_(random),
      unix_ns_at_zero_(unix_ns_at_zero) {}

void Cover::set_users(const std::optional<Block<16>>& dynamic) {
  users_ = true;
  encrypted_ = true;
  dynamic_.reset();
  if (dynamic) {
    dynamic_.emplace(community_, *dynamic);
  }
}

std::size_t Cover::packet_header(std::size_t head, std::size_t payload) const {
  return users_ ? head + std::min(payload, kHiddenPayload) : head;
}

std::size_t Cover::trailer(Type type) const {
  return users_ && is_registration(type) ? kTrailer : 0;
}

void Cover::seal(Time now, MutableBytes datagram, std::size_t header) {
  if (encrypted_) {
    (dynamic_ ? *dynamic_ : cipher_)
        .seal(datagram, header, clock_.draw(unix_ns(now)), random_u32(random_));
  }
}

void Cover::seal_message(Time now, Type type, MutableBytes datagram, const SharedKey* user) {
  if (trailer(type) == 0) {
    return seal(now, datagram, datagram.size());
  }
  const MutableBytes body = datagram.first(datagram.size() - kTrailer);
  cipher_.seal(body, body.size(), clock_.draw(unix_ns(now)), random_u32(random_));
  Block<kTrailer> last{};
  if (user != nullptr) {
    last = user->trailer(pearson_128(body));
  } else {
    random_.fill(last);
  }
  std::copy(last.begin(), last.end(), datagram.last(kTrailer).begin());
}

std::optional<Cover::Opened> Cover::open(MutableBytes datagram) const {
  const HeaderCipher& cipher = dynamic_ ? *dynamic_ : cipher_;
  if (!users_ || dynamic_) {
    if (const auto stamp = cipher.open(datagram)) {
      return Opened{datagram, stamp, std::nullopt, {}};
    }
  }
  if (!users_ || datagram.size() < kCommonSize + kTrailer) {
    return std::nullopt;
  }
  Opened opened{datagram.first(datagram.size() - kTrailer), std::nullopt, std::nullopt, {}};
  opened.hash = pearson_128(opened.clear);
  std::copy_n(datagram.last(kTrailer).begin(), kTrailer, opened.trailer.begin());
  opened.stamp = cipher_.open(opened.clear);
  return opened.stamp ? std::optional(opened) : std::nullopt;
}

void send_message(Time now, Cover& cover, Outbox& outbox, const Endpoint& to,
                  const Message& message, const SharedKey* user) {
  const auto bytes = encode(message);
  const Type type = type_of(message.body);
  const MutableBytes room = outbox.reserve(bytes.size() + cover.trailer(type));
  std::copy(bytes.begin(), bytes.end(), room.begin());
  cover.seal_message(now, type, room, user);
  outbox.send(to);
}

}  // namespace marvel::vpn::n2n
